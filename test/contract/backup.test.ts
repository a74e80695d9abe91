// The guide in docs/operations.md: its commands copy a stopped server's folders, everything is lost, its commands restore them, and the
// server serves the same.

import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, test } from '@jest/globals';
import { startServer } from '../../src/app/server.ts';
import { loadConfig, packageRoot } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { send } from '../support/http-client.ts';
import { userNamed } from '../support/scim.ts';
import { paste } from '../support/shell.ts';

const TOKEN = 'backup-0123456789-0123456789-0123456789';
let root: string;
let folders: { DATA_DIR: string; BATCH_DIR: string; IMPORT_DIR: string };
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'mobietrain-backup-'));
  folders = { DATA_DIR: join(root, 'data'), BATCH_DIR: join(root, 'batch files'), IMPORT_DIR: join(root, 'import') };
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Runs `work` against a server on the folders, with its own mongod, and stops it. */
async function serving<T>(
  work: (call: (method: string, path: string, body?: unknown) => Promise<string>) => Promise<T>,
) {
  const config = loadConfig({
    ...process.env,
    ...folders,
    MONGODB_URI: '',
    PORT: '0',
    HOST: '127.0.0.1',
    BOOTSTRAP_TOKEN: TOKEN,
    LOG_LEVEL: 'error',
    SHUTDOWN_NOTICE_MS: '50',
    SHUTDOWN_GRACE_MS: '100',
    DEMO_EXAMPLES: 'on',
    BATCH_SETTLE_SECONDS: '0.1',
    BATCH_POLL_SECONDS: '0.1',
  });
  const server = await startServer(config, createLog({ level: 'error' }), () => undefined);
  try {
    return await work(async (method, path, body) => {
      const answer = await send(server.scimBaseUrl + path, {
        method,
        headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/scim+json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      assert.ok(answer.status < 300, answer.text);
      return answer.text.replaceAll(server.scimBaseUrl, '');
    });
  } finally {
    await server.stop();
  }
}

/** The block of commands of the guide with this name, run in a shell. */
async function follow(name: string): Promise<void> {
  const guide = await readFile(join(packageRoot, 'docs', 'operations.md'), 'utf8');
  const script = new RegExp(`^\`\`\`sh ${name}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(guide)?.[1] ?? assert.fail(name);
  const { code, err } = await paste(script, root, { ...process.env, ...folders });
  assert.equal(code, 0, err);
}

async function filesIn(folder: string): Promise<string[]> {
  return [...(await readdir(folder, { recursive: true }))].sort();
}

test('what was backed up is served again after everything was lost', async () => {
  const before = await serving(async (call) => {
    await call('POST', '/Users', userNamed('ann'));
    await call('POST', '/Groups', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'Sales' });
    const archived = join(folders.BATCH_DIR, 'demo', 'complete', 'staff', 'archived');
    const incoming = join(folders.BATCH_DIR, 'demo', 'incoming', 'staff');
    await cp(join(packageRoot, 'examples', 'files', 'users.xml'), join(incoming, 'users.xml'));
    await cp(
      join(packageRoot, 'examples', 'files', 'users.csv'),
      join(folders.IMPORT_DIR, 'demo', 'incoming', 'later.csv'),
    );
    for (let looks = 0; (await readdir(archived).catch(() => [])).length === 0; looks += 1) {
      assert.ok(looks < 200, 'the file is not processed');
      await sleep(50);
    }
    return [await call('GET', '/Users'), await call('GET', '/Groups')];
  });
  const files = [await filesIn(folders.BATCH_DIR), await filesIn(folders.IMPORT_DIR)];
  assert.ok(files.flat().some((file) => file.endsWith('later.csv')) && JSON.parse(before[0] ?? '').totalResults >= 2);
  await follow('backup');
  for (const folder of Object.values(folders)) await rm(folder, { recursive: true });
  await follow('restore');
  assert.deepEqual([await filesIn(folders.BATCH_DIR), await filesIn(folders.IMPORT_DIR)], files);
  const after = await serving(async (call) => [await call('GET', '/Users'), await call('GET', '/Groups')]);
  assert.deepEqual(after, before);
});
