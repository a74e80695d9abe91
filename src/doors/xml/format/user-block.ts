// The content of a block: the texts of its elements, and the roles and organizations that it adds and deletes. An empty element is
// the same as a missing one. Values are not validated here.

import { type Fault, fault } from '../../../directory/faults.ts';
import type { BlockElement } from './block-reader.ts';

const TEXTS = [
  'UserId',
  'UserName',
  'RetailLocationId',
  'Email',
  'LanguageCode',
  'CountryCode',
  'ManagerUserId',
  'ManagerFlag',
] as const;

type TextName = (typeof TEXTS)[number];

/** A role or organization that the block adds to its user or removes. */
export interface Listed {
  code: string;
  action: 'Add' | 'Delete';
}

export interface UserBlock {
  /** Trimmed, never empty. */
  texts: ReadonlyMap<TextName, string>;
  /** ManagerFlag, if it has a value. */
  isManager: boolean | undefined;
  /** In the order of the block. */
  roles: Listed[];
  organizations: Listed[];
  /** Faults (tooMany) for elements that appear twice. */
  faults: Fault[];
}

/** Reads a block. Values that the schema refuses are left out; the schema check reports them. */
export function readUserBlock(block: BlockElement): UserBlock {
  const texts = new Map<TextName, string>();
  const seen = new Set<TextName>();
  const faults: Fault[] = [];
  for (const child of block.children) {
    const name = TEXTS.find((known) => known === child.name);
    if (name === undefined) continue;
    if (seen.has(name)) faults.push(fault('tooMany', `User/${name}`, { max: 1 }));
    seen.add(name);
    const text = child.text.trim();
    if (text !== '' && !texts.has(name)) texts.set(name, text);
  }
  return {
    texts,
    isManager: flagOf(texts.get('ManagerFlag')),
    roles: listed(block, 'UserRole', 'RoleCode'),
    organizations: listed(block, 'UserOrganization', 'UserOrganizationName'),
    faults,
  };
}

function flagOf(text: string | undefined): boolean | undefined {
  if (text === 'true' || text === '1') return true;
  return text === 'false' || text === '0' ? false : undefined;
}

function listed(block: BlockElement, element: string, attribute: string): Listed[] {
  return block.children.flatMap((child) => {
    if (child.name !== element) return [];
    const code = (child.attributes.get(attribute) ?? '').trim();
    const action = child.attributes.get('Action')?.trim();
    return code !== '' && (action === 'Add' || action === 'Delete') ? [{ code, action }] : [];
  });
}

/** A user's name in its parts. */
export interface NameParts {
  givenName: string;
  familyName: string;
}

/**
 * Splits a whole name. If it has a comma, the part before it is the family name ("Peeters, Anna Maria"). Otherwise the first word
 * is the given name, and all others are the family name ("Anna van den Berg"). A single word is both.
 */
export function splitName(whole: string): NameParts {
  const comma = whole.indexOf(',');
  if (comma > 0) {
    const familyName = whole.slice(0, comma).trim();
    const givenName = whole.slice(comma + 1).trim();
    if (familyName !== '' && givenName !== '') return { givenName, familyName };
  }
  const words = whole.split(/[\s,]+/).filter((word) => word !== '');
  const [first = whole, ...rest] = words;
  return { givenName: first, familyName: rest.length > 0 ? rest.join(' ') : first };
}
