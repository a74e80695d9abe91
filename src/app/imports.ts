// Wires up imports over the admin API: the CSV and XML doors.

import type { ResourceSchema } from '../directory/schema/schema.ts';
import { createImportDesk } from '../doors/admin/api/import-desk.ts';
import type { ImportDesk } from '../doors/admin/operations/imports/desk.ts';
import type { Accounts } from '../mongo/accounts/accounts.ts';
import type { Runs } from './runs.ts';
import { BATCH_CONNECTION } from './xml.ts';

/** Creates the imports of the admin API. */
export function composeImports(
  runs: Runs,
  accounts: Pick<Accounts, 'ensureConnection'>,
  userSchema: ResourceSchema,
): ImportDesk {
  return createImportDesk({
    runs: runs.store,
    xml: runs.xml,
    csv: runs.csv.door,
    batchConnectionOf: (account) => accounts.ensureConnection(account, BATCH_CONNECTION),
    userSchema,
  });
}
