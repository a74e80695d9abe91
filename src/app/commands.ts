// Wires up the parts that commands use: the directory and the runs of a store, whether or not a server is running.

import type { Config } from '../config.ts';
import { loadCatalogue } from './catalogue.ts';
import type { Store } from './database.ts';
import { openDirectory } from './directory.ts';
import { composeErasure } from './erasure.ts';
import { composeHistory } from './history.ts';
import { composeImports } from './imports.ts';
import type { OnJobError } from './jobs.ts';
import { openRuns } from './runs.ts';

/** Opens the directory, the runs and the erasure of a store. Nothing runs in the background. */
export async function openForCommands(config: Config, store: Store, onError: OnJobError) {
  const catalogue = loadCatalogue();
  const directory = await openDirectory(store, catalogue, onError);
  const runs = await openRuns(config, store, directory, onError);
  const erasure = composeErasure({ mongo: store.mongo, catalogue, directory, xml: runs.xml, csv: runs.csv.door });
  const imports = composeImports(runs, store.accounts, catalogue.user);
  return {
    directory,
    runs,
    erasure,
    imports,
    ...composeHistory(store.mongo.db, directory, catalogue, store.accounts),
  };
}
