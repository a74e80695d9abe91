// The administrator that a new server begins with.

import { randomBytes } from 'node:crypto';
import type { Administrators } from './administrators.ts';

const PASSWORD_BYTES = 15;

/** What the first System Administrator signs in with; the password is shown this once. */
export interface FirstAdministrator {
  email: string;
  /** Absent if the configuration gave it. */
  password?: string;
}

/**
 * Creates a System Administrator if there is no administrator at all; undefined if there is one.
 * @throws Error that names the setting that is not valid
 */
export async function seedAdministrator(
  administrators: Pick<Administrators, 'any' | 'create'>,
  { adminEmail, adminPassword }: { adminEmail: string; adminPassword?: string | undefined },
): Promise<FirstAdministrator | undefined> {
  if (await administrators.any()) return undefined;
  const password = adminPassword ?? randomBytes(PASSWORD_BYTES).toString('base64url');
  const made = await administrators.create({
    email: adminEmail,
    name: 'System Administrator',
    role: 'systemAdministrator',
    password,
  });
  if (made.ok) return { email: adminEmail, ...(adminPassword === undefined ? { password } : {}) };
  // Another instance that started at the same time created it.
  if (made.faults[0].code === 'uniqueness') return undefined;
  const { path, params } = made.faults[0];
  throw new Error(
    `The first administrator can't be created: ADMIN_${path.toUpperCase()} ${params.rule ?? 'is not valid'}`,
  );
}
