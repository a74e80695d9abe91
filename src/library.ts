// The package's public interface: the SCIM door as an Express router, the directory behind it, and the types of both.

export { openProvisioning, type Provisioning, type ProvisioningOptions } from './app/provisioning.ts';
export type { Account, Caller, Connection } from './directory/model.ts';
export type { Admittance, Authenticate, RequestOwner } from './doors/contract.ts';
export { type ScimRouterOptions, scimRouter } from './doors/scim/router.ts';
export { createLog, type Log } from './log.ts';
