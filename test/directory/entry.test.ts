// The way in as a table: of a user, an account and what the person has done, the next step.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import {
  type EntryAccount,
  type EntryDone,
  type EntryUser,
  type EntryWay,
  languageAmong,
  languageOf,
  nextStep,
} from '../../src/directory/entry/entry.ts';

const NEW: EntryUser = {
  status: 'active',
  missing: [],
  isManager: false,
  hasStore: false,
  language: undefined,
  terms: undefined,
  hasPassword: true,
};
const KNOWN: EntryUser = { ...NEW, terms: '1' };
const INVITED: EntryUser = { ...NEW, status: 'invited', hasPassword: false };
const MANAGER: EntryUser = { ...KNOWN, isManager: true };
const LINK: EntryAccount = { login: 'link' };
const BOTH: EntryDone = { language: 'nl', terms: '1' };

type Case = [what: string, user: EntryUser, account: EntryAccount, way: EntryWay, done: EntryDone, step: string];

const CASES: Case[] = [
  ['a first sign-in', NEW, {}, 'password', {}, 'language'],
  ['a first sign-in with a language', NEW, {}, 'password', { language: 'nl' }, 'terms'],
  ['a first sign-in with all', NEW, {}, 'password', BOTH, 'in'],
  ['terms accepted before the language', NEW, {}, 'password', { terms: '1' }, 'language'],
  ['a later sign-in', KNOWN, {}, 'password', {}, 'in'],
  ['new terms', KNOWN, { termsVersion: '2' }, 'password', {}, 'terms'],
  ['new terms, the old ones accepted', KNOWN, { termsVersion: '2' }, 'password', { terms: '1' }, 'terms'],
  ['new terms, accepted', KNOWN, { termsVersion: '2' }, 'password', { terms: '2' }, 'in'],
  ['a password in an account without passwords', KNOWN, LINK, 'password', {}, 'linkOnly'],
  ['a link', KNOWN, LINK, 'link', {}, 'in'],
  ['a link the first time', NEW, LINK, 'link', {}, 'language'],
  ['a link in an account with passwords', KNOWN, {}, 'link', {}, 'in'],
  ['an invitation', INVITED, {}, 'invitation', {}, 'language'],
  ['an invitation with a language', INVITED, {}, 'invitation', { language: 'fr' }, 'terms'],
  ['an invitation with both', INVITED, {}, 'invitation', BOTH, 'password'],
  ['an invitation with all', INVITED, {}, 'invitation', { ...BOTH, password: true }, 'in'],
  ['an invitation without passwords', INVITED, LINK, 'invitation', BOTH, 'in'],
  ['an invitation of somebody with a password', { ...INVITED, hasPassword: true }, {}, 'invitation', BOTH, 'in'],
  ['an invited person with a password', INVITED, {}, 'password', {}, 'notRegistered'],
  ['an invited person by a link', INVITED, LINK, 'link', {}, 'language'],
  ['a manager without a store, first visit', { ...MANAGER, terms: undefined }, {}, 'password', {}, 'language'],
  ['the same with a language', { ...MANAGER, terms: undefined }, {}, 'password', BOTH, 'managerWithoutStore'],
  ['a manager without a store later', MANAGER, {}, 'password', {}, 'managerWithoutStore'],
  ['a manager with a store', { ...MANAGER, hasStore: true }, {}, 'password', {}, 'in'],
  ['a manager without a store by a link', MANAGER, LINK, 'link', {}, 'managerWithoutStore'],
];

describe('the next step', () => {
  test.each(CASES)('%s', (_what, user, account, way, done, expected) => {
    const step = nextStep(user, account, way, done);
    assert.equal(step.kind === 'refused' ? step.reason : step.kind, expected);
  });

  for (const status of ['blocked', 'inactive', 'incomplete'] as const)
    for (const way of ['password', 'link', 'invitation'] as const)
      test(`${status} by ${way}: refused, whatever the person has done`, () => {
        for (const done of [{}, BOTH, { ...BOTH, password: true }]) {
          const step = nextStep({ ...KNOWN, status, missing: ['emails'] }, {}, way, done);
          assert.equal(step.kind === 'refused' ? step.reason : step.kind, status);
        }
      });

  test('names the languages of the account, that of the person chosen; the terms; whom to ask; what is missing', () => {
    const account: EntryAccount = {
      languages: ['fr', 'nl'],
      termsVersion: '3',
      termsUrl: 'https://a.example/t',
      contact: 'HR',
    };
    assert.deepEqual(nextStep({ ...NEW, language: 'nl' }, account, 'password'), {
      kind: 'language',
      choices: ['fr', 'nl'],
      preferred: 'nl',
    });
    assert.deepEqual(nextStep({ ...NEW, language: 'de' }, account, 'password'), {
      kind: 'language',
      choices: ['fr', 'nl'],
      preferred: 'fr',
    });
    assert.deepEqual(nextStep(KNOWN, account, 'password'), { kind: 'terms', version: '3', url: 'https://a.example/t' });
    assert.deepEqual(nextStep(MANAGER, account, 'password'), {
      kind: 'refused',
      reason: 'managerWithoutStore',
      contact: 'HR',
    });
    assert.deepEqual(nextStep({ ...KNOWN, status: 'incomplete', missing: ['emails'] }, account, 'link'), {
      kind: 'refused',
      reason: 'incomplete',
      missing: ['emails'],
    });
  });
});

test('a language is read from a tag, and taken if the account offers it', () => {
  assert.deepEqual(['nl-BE', 'NL', 'fr_FR', 'it', '', undefined].map(languageOf), [
    'nl',
    'nl',
    'fr',
    undefined,
    undefined,
    undefined,
  ]);
  assert.equal(languageAmong(['fr', 'de'], undefined, 'nl', 'de'), 'de');
  assert.equal(languageAmong(['fr', 'de'], 'nl'), 'fr');
  assert.equal(languageAmong([], 'nl'), 'en');
});
