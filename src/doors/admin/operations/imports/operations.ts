// The operations of the admin API on files of users, as one list.

import type { Operation } from '../../api/operation.ts';
import type { ImportDesk } from './desk.ts';
import { exportUsers, readImportFailures, readImportResult, readTemplate } from './files.ts';
import { cancelImport, listImportRows, listImports, readImport } from './runs.ts';
import { importCsv, importSimulated, importXml, simulateAgain } from './upload.ts';

/** The operations on files; those on CSV files only if the desk has CSV. */
export function importOperations(desk: ImportDesk): Operation[] {
  const { csv } = desk;
  return [
    importXml(desk),
    ...(csv
      ? [
          importCsv(csv),
          importSimulated(csv, desk),
          simulateAgain(csv, desk),
          readImportResult(csv, desk),
          readTemplate(csv),
          exportUsers(csv),
        ]
      : []),
    readImportFailures(desk),
    listImports(desk),
    readImport(desk),
    listImportRows(desk),
    cancelImport(desk),
  ];
}
