// A file that is not small: simulated, imported, exported, imported again unchanged. bench/files.ts does it with 100,000 rows.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { type CsvSetting, openCsvSetting } from '../../support/csv.ts';
import { peopleFile } from '../../support/csv-people.ts';

/** A tenth of 100,000. */
const ROWS = 10_000;
/** Documents that a simulation may have in memory, whatever the number of rows. */
const KEPT_MAX = 3000;
const TEST_MS_MAX = 300_000;

let setting: CsvSetting;
beforeAll(async () => {
  setting = await openCsvSetting();
});
afterAll(() => setting.close());

test(
  `${ROWS} users: the simulation says what the import does, and the export changes nothing`,
  async () => {
    const account = setting.account();
    const file = [...peopleFile(ROWS)].join('');
    const simulated = await account.import(file, { simulate: true });
    const imported = await account.import(file);
    const said = ({ run: _run, user: _user, ...row }: (typeof imported.rows)[number]) => row;
    assert.deepEqual(imported.rows.map(said), simulated.rows.map(said));
    assert.ok(setting.keptMost() > 0 && setting.keptMost() <= KEPT_MAX, `${setting.keptMost()} documents in memory`);
    assert.deepEqual(imported.run.counts, {
      total: ROWS,
      done: ROWS,
      created: ROWS,
      updated: 0,
      unchanged: 0,
      refused: 0,
    });

    const changed = await account.import([...peopleFile(ROWS, ' new')].join(''));
    const third = Math.ceil(ROWS / 3);
    assert.deepEqual([changed.run.counts.updated, changed.run.counts.unchanged], [third, ROWS - third]);

    const exported = await account.export();
    const again = await account.import(exported);
    assert.deepEqual([again.run.counts.unchanged, again.run.counts.refused], [ROWS, 0]);
    assert.equal(await account.export(), exported);
  },
  TEST_MS_MAX,
);
