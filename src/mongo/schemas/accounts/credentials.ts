// The collection `credentials`: hashes of the bearer tokens of connections.

import type { Credential } from '../../../auth/credential-store.ts';
import { declareCollection, wherePresent } from '../declaration.ts';

export interface CredentialDocument extends Omit<Credential, 'id'> {
  _id: string;
  /** Created from BOOTSTRAP_TOKEN; revoked when the variable is changed or removed. */
  bootstrap?: true;
  /** Of the workbench of the console: not listed, and removed some time after it has expired. */
  workbench?: true;
}

export const credentials = declareCollection<CredentialDocument>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    connection: { type: String, required: true },
    hash: { type: String, required: true },
    hint: { type: String, required: true },
    name: { type: String },
    created: { type: Date, required: true, default: Date.now },
    expires: { type: Date },
    lastUsed: { type: Date },
    revoked: { type: Date },
    bootstrap: { type: Boolean },
    workbench: { type: Boolean },
  },
  indexes: [
    { key: { hash: 1 }, unique: true },
    { key: { account: 1, _id: 1 } },
    { key: { bootstrap: 1 }, sparse: true },
    { key: { account: 1, expires: 1 }, name: 'account_workbench', ...wherePresent('workbench') },
  ],
});
