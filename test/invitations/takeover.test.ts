// Invited users, and the person whom a source brings before they registered: the same person, found by the e-mail.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Outcome } from '../../src/directory/faults.ts';
import { newResourceId } from '../../src/directory/ids.ts';
import type { Account, Caller, UserView } from '../../src/directory/model.ts';
import { textAt } from '../../src/directory/schema/attributes.ts';
import type { Attributes } from '../../src/directory/schema/schema.ts';
import { createInvitationStore } from '../../src/mongo/invitations/invitations.ts';
import { openTestDirectory, patching, replacing, type TestDirectory } from '../support/directory.ts';

let directory: TestDirectory;
beforeAll(async () => {
  directory = await openTestDirectory();
});
afterAll(() => directory.close());

const STRICT: Partial<Account> = { requiredData: 'enforce' };
const callerAt = (door: Caller['door']): Caller => ({ ...directory.caller(STRICT), door });
const statusOf = (view: UserView) => textAt(view.attributes, 'mobietrain.status');

function taken<T>(outcome: Outcome<T>): T {
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return outcome.value;
}

/** A person, without External ID. */
function person(email = `invited.${newResourceId()}@example.com`, given = 'Ada'): Attributes {
  return {
    userName: `${given}.${newResourceId()}`,
    name: { givenName: given, familyName: 'Byron' },
    title: 'Seller',
    emails: [{ value: email, type: 'work', primary: true }],
  };
}
const emailOf = (draft: Attributes) => (draft.emails as { value: string }[])[0]?.value ?? '';

/** Invites a person. */
async function invited(draft: Attributes): Promise<UserView> {
  const id = newResourceId();
  const user = newResourceId();
  const store = createInvitationStore(directory.client, directory.db);
  const period = { day: '2026-11-01', lastDay: '2026-12-31', ends: new Date('2027-01-01T00:00:00Z') };
  await store.insert({
    id,
    account: 'acc_test',
    user,
    state: 'open',
    language: 'en',
    created: new Date(),
    links: [id],
    ...period,
  });
  const made = await directory.provision.createUser(callerAt('invitations'), draft, [], {
    user,
    id,
    lastDay: period.lastDay,
  });
  return taken(made);
}
async function invitationOf({ id }: UserView) {
  const [found] = await createInvitationStore(directory.client, directory.db).ofUsers('acc_test', [id]);
  return found?.state;
}
/** Waits for the end of an invitation, which follows in the background. */
async function endOf(view: UserView) {
  for (let tries = 0; tries < 500 && (await invitationOf(view)) === 'open'; tries += 1) await sleep(10);
  return invitationOf(view);
}

describe('an invited user', () => {
  test('needs no External ID, is invited until registered, and stays complete without one', async () => {
    const view = await invited(person());
    assert.equal(statusOf(view), 'invited');
    assert.equal(view.invitation?.lastDay, '2026-12-31');
    const registered = taken(
      await directory.provision.updateUser(callerAt('links'), view.id, undefined, () => ({
        ok: true,
        revision: { mode: 'patch', attributes: {}, stated: new Set(), registers: true },
      })),
    );
    assert.deepEqual([statusOf(registered), registered.version], ['active', 2]);
    assert.equal(await endOf(view), 'used');
    const renamed = await directory.provision.updateUser(
      callerAt('admin'),
      view.id,
      undefined,
      patching({ title: 'Baker' }),
    );
    assert.equal(statusOf(taken(renamed)), 'active');
  });

  test('whom an administrator changes stays invited', async () => {
    const view = await invited(person());
    const changed = await directory.provision.updateUser(
      callerAt('admin'),
      view.id,
      undefined,
      patching({ title: 'Baker' }),
    );
    assert.equal(statusOf(taken(changed)), 'invited');
    assert.equal(await invitationOf(view), 'open');
  });

  test('who is deleted is not invited any more', async () => {
    const view = await invited(person());
    taken(await directory.provision.deleteUser(callerAt('admin'), view.id, undefined));
    assert.equal(await endOf(view), 'revoked');
  });
});

describe('a source that brings an invited person', () => {
  test('creates the same user: one of twenty at once, and the others conflict', async () => {
    const draft = person();
    const before = await invited(draft);
    const sent = {
      ...draft,
      externalId: newResourceId(),
      title: 'Manager',
      emails: [{ value: emailOf(draft).toUpperCase() }],
    };
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        directory.provision.createUser(callerAt('scim'), { ...sent, userName: `${String(draft.userName)}.${at % 2}` }),
      ),
    );
    const made = outcomes.filter((outcome) => outcome.ok).map((outcome) => taken(outcome));
    assert.equal(made.length, 1);
    const [after] = made;
    assert.deepEqual([after?.id, after && statusOf(after), after?.invitation], [before.id, 'active', undefined]);
    assert.equal(await endOf(before), 'takenOver');
  });

  test('must state what it must state of anybody', async () => {
    const draft = person();
    const before = await invited(draft);
    const refused = await directory.provision.createUser(callerAt('scim'), draft);
    assert.equal(refused.ok ? 'taken' : refused.faults[0].path, 'externalId');
    assert.equal(await invitationOf(before), 'open');
  });

  test('takes over whom it finds and changes, once it states an External ID', async () => {
    const before = await invited(person());
    const update = (changes: Attributes) =>
      directory.provision.updateUser(callerAt('scim'), before.id, undefined, patching(changes));
    assert.equal(statusOf(taken(await update({ title: 'Baker' }))), 'invited');
    assert.equal(statusOf(taken(await update({ externalId: newResourceId() }))), 'active');
    assert.equal(await endOf(before), 'takenOver');
  });

  test('means the one of the same name where several are invited under one e-mail, and nobody else by e-mail', async () => {
    const shared = `shop${newResourceId()}@example.com`;
    const [ada, bob] = [await invited(person(shared)), await invited(person(shared, 'Bob'))];
    const sent = (given: string) => ({ ...person(shared, given), externalId: newResourceId() });
    assert.equal(taken(await directory.provision.createUser(callerAt('scim'), sent('bob'))).id, bob.id);
    const eve = { ...sent('Eve'), emails: [{ value: `eve.${shared}` }] };
    assert.ok(![ada.id, bob.id].includes(taken(await directory.provision.createUser(callerAt('scim'), eve)).id));
    // Only Ada is left.
    assert.equal(taken(await directory.provision.createUser(callerAt('scim'), sent('Adeline'))).id, ada.id);
    assert.notEqual(taken(await directory.provision.createUser(callerAt('scim'), sent('Ada'))).id, ada.id);
  });

  test('does so in a file by the e-mail, whatever External ID or login name the row has; and a simulation says the same', async () => {
    for (const identity of [{ externalId: newResourceId() }, { userName: newResourceId() }, {}]) {
      const draft = person();
      const before = await invited(draft);
      const row = { ...draft, ...identity, externalId: identity.externalId ?? newResourceId() };
      const by = { by: 'file' as const, email: emailOf(draft), name: { given: 'Ada', family: 'Byron' }, ...identity };
      const simulation = directory.simulate();
      const simulated = taken(await simulation.provision.saveUser(callerAt('csv'), by, replacing(row)));
      await simulation.close();
      assert.deepEqual([simulated.after.id, statusOf(simulated.after)], [before.id, 'active']);
      assert.equal(await invitationOf(before), 'open');
      const saved = taken(await directory.provision.saveUser(callerAt('csv'), by, replacing(row)));
      assert.deepEqual([saved.after.id, statusOf(saved.after)], [before.id, 'active']);
      assert.equal(await endOf(before), 'takenOver');
    }
  });
});
