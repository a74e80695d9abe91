// The schemas of the server.

import { join } from 'node:path';
import { packageRoot } from '../config.ts';
import { loadSchemaCatalogue, type SchemaCatalogue } from '../directory/schema/catalogue.ts';

/** Loads the schemas in scim-schemas/. @throws Error that names the invalid file and field */
export function loadCatalogue(): SchemaCatalogue {
  return loadSchemaCatalogue(join(packageRoot, 'scim-schemas'));
}
