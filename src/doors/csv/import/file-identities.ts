// The identities that the rows of a file state, read in a pass before the first row is applied: rows that state one identity for
// different people are recognised, whatever the order of the rows. Only digests are kept, about 60 bytes for each row.

import { hash } from 'node:crypto';
import type { UserView } from '../../../directory/model.ts';
import { textAt } from '../../../directory/schema/attributes.ts';
import { foldText } from '../../../directory/schema/fold.ts';
import type { FileRow } from '../format/parse.ts';
import { identityOf } from './row-change.ts';

/** A row before another one that states the same identity. */
interface EarlierRow {
  line: number;
  /** The column of the identity. */
  column: 'ExternalId' | 'Uid' | 'Email';
}

/** The values by which rows can mean a user. */
export interface StatedIdentities {
  externalId: string | undefined;
  userName: string | undefined;
  emails: readonly string[];
}

export interface FileIdentities {
  /** The first row that states an identity of this row for another person; undefined if there is none before this row. */
  duplicateOf(row: FileRow): EarlierRow | undefined;
  /** The same, for the other identities that the row's user has in the directory. */
  duplicateOfUser(row: FileRow, user: UserView): EarlierRow | undefined;
  /** The line of another row that states this External ID with another login name than this row. */
  lineOfHolder(row: FileRow, externalId: string): number | undefined;
  /** Whether the file states several login names with the e-mail of this row. */
  isSharedMailbox(row: FileRow): boolean;
  /** Whether the file has a row with this External ID. */
  hasExternalId(externalId: string): boolean;
  /** The number of the first row with this External ID; 0 if there is none. */
  rowOfExternalId(externalId: string): number;
  /**
   * The number of the only row that can mean a user with these identities who is not invited; 0 if there is none, undefined if there
   * are several.
   */
  onlyRowOf(user: StatedIdentities): number | undefined;
}

/** Reads the identities of a file. @throws what reading the rows throws */
export async function readFileIdentities(rows: AsyncIterable<FileRow>): Promise<FileIdentities> {
  const identities = new IdentityTable();
  for await (const row of rows) identities.add(row);
  return identities;
}

const externalIdKey = (text: string): string => `x:${text}`;
const loginNameKey = (text: string): string => `u:${foldText(text)}`;
const addressKey = (text: string): string => `e:${foldText(text)}`;
const sharedAddressKey = (text: string): string => `s:${foldText(text)}`;

class IdentityTable implements FileIdentities {
  readonly #rows = new DigestTable();
  /** By row number: its line, and digests of the person's name, login name and External ID (0 if it has none). */
  #details = new Uint32Array(4096);

  add(row: FileRow): void {
    const { externalId, email, userName } = identityOf(row);
    this.#setDetails(row.number, [
      row.line,
      personDigest(row),
      shortDigest(userName, foldText),
      shortDigest(externalId),
    ]);
    if (externalId !== undefined) this.#rows.add(externalIdKey(externalId), row.number);
    if (userName !== undefined) this.#rows.add(loginNameKey(userName), row.number);
    if (externalId !== undefined || email === undefined) return;
    const first = this.#rows.add(addressKey(email), row.number);
    if (first !== undefined && differs(this.#loginName(first), this.#loginName(row.number))) {
      this.#rows.add(sharedAddressKey(email), row.number);
    }
  }

  duplicateOf(row: FileRow): EarlierRow | undefined {
    const { externalId, email, userName } = identityOf(row);
    const byExternalId =
      externalId === undefined ? undefined : this.#other(row, externalIdKey(externalId), 'ExternalId');
    const byLoginName = userName === undefined ? undefined : this.#other(row, loginNameKey(userName), 'Uid');
    if (externalId !== undefined || userName !== undefined) return byExternalId ?? byLoginName;
    if (email === undefined) return undefined;
    return this.#other(row, addressKey(email), 'Email') ?? this.#other(row, externalIdKey(email), 'Email');
  }

  duplicateOfUser(row: FileRow, user: UserView): EarlierRow | undefined {
    const { externalId, userName } = identityOf(row);
    const ownId = textAt(user.attributes, 'externalId');
    const loginName = textAt(user.attributes, 'userName');
    if (externalId === undefined && ownId !== undefined) {
      const other = this.#other(row, externalIdKey(ownId), 'ExternalId');
      if (other) return other;
    }
    // A row that gives the user another login name leaves the present one to somebody else.
    return userName === undefined && loginName !== undefined
      ? this.#other(row, loginNameKey(loginName), 'Uid')
      : undefined;
  }

  lineOfHolder(row: FileRow, externalId: string): number | undefined {
    const holder = this.#rows.get(externalIdKey(externalId));
    if (holder === undefined || holder === row.number) return undefined;
    const loginName = this.#loginName(holder);
    return loginName === 0 || loginName === this.#loginName(row.number) ? undefined : this.#detail(holder, 0);
  }

  isSharedMailbox(row: FileRow): boolean {
    const { email } = identityOf(row);
    return email !== undefined && this.#rows.get(sharedAddressKey(email)) !== undefined;
  }

  hasExternalId(externalId: string): boolean {
    return this.#rows.get(externalIdKey(externalId)) !== undefined;
  }

  rowOfExternalId(externalId: string): number {
    return this.#rows.get(externalIdKey(externalId)) ?? 0;
  }

  onlyRowOf({ externalId, userName, emails }: StatedIdentities): number | undefined {
    const keys = emails.map(addressKey);
    // A row without External ID means the user whose External ID is its address.
    if (externalId !== undefined) keys.push(externalIdKey(externalId), addressKey(externalId));
    if (userName !== undefined) keys.push(loginNameKey(userName));
    const rows = new Set(keys.flatMap((key) => this.#rows.firstAndLast(key)));
    return rows.size > 1 ? undefined : ([...rows][0] ?? 0);
  }

  /** The first row with a key if it comes before this one and states another person, login name or External ID. */
  #other(row: FileRow, key: string, column: EarlierRow['column']): EarlierRow | undefined {
    const first = this.#rows.get(key);
    if (first === undefined || first >= row.number) return undefined;
    const isOther =
      this.#detail(first, 1) !== personDigest(row) ||
      differs(this.#loginName(first), this.#loginName(row.number)) ||
      differs(this.#detail(first, 3), this.#detail(row.number, 3));
    return isOther ? { line: this.#detail(first, 0), column } : undefined;
  }

  #loginName(number: number): number {
    return this.#detail(number, 2);
  }

  #detail(number: number, field: number): number {
    return this.#details[number * 4 + field] ?? 0;
  }

  #setDetails(number: number, details: readonly number[]): void {
    if ((number + 1) * 4 > this.#details.length) {
      const larger = new Uint32Array(Math.max(this.#details.length * 2, (number + 1) * 4));
      larger.set(this.#details);
      this.#details = larger;
    }
    this.#details.set(details, number * 4);
  }
}

function differs(one: number, other: number): boolean {
  return one !== 0 && other !== 0 && one !== other;
}

function personDigest(row: FileRow): number {
  const { name } = identityOf(row);
  return shortDigest(`${foldText(name?.given ?? '')}\u0000${foldText(name?.family ?? '')}`);
}

/** A digest of 32 bits that is never 0; 0 for no text. */
function shortDigest(text: string | undefined, fold = (whole: string) => whole): number {
  return text === undefined ? 0 : digest(fold(text)).readUInt32BE(0) || 1;
}

function digest(text: string): Buffer {
  return hash('sha1', text, 'buffer');
}

/** A hash table from texts to the first and last row number of each. It keeps 52 bits of a digest instead of the text. */
class DigestTable {
  #digests = new Float64Array(8192);
  #numbers = new Uint32Array(8192);
  #lasts = new Uint32Array(8192);
  #size = 0;

  get(text: string): number | undefined {
    const found = this.#numbers[this.#slotOf(wideDigest(text))];
    return found === 0 ? undefined : found;
  }

  /** The numbers of a text; none if it was never added. */
  firstAndLast(text: string): number[] {
    const slot = this.#slotOf(wideDigest(text));
    return [this.#numbers[slot] ?? 0, this.#lasts[slot] ?? 0].filter((number) => number !== 0);
  }

  /** Keeps the first and the last number of a text; returns the first if there was one before. */
  add(text: string, number: number): number | undefined {
    const key = wideDigest(text);
    const slot = this.#slotOf(key);
    const known = this.#numbers[slot];
    this.#lasts[slot] = number;
    if (known !== undefined && known !== 0) return known;
    this.#digests[slot] = key;
    this.#numbers[slot] = number;
    this.#size += 1;
    if (this.#size * 3 > this.#numbers.length * 2) this.#grow();
    return undefined;
  }

  #slotOf(key: number): number {
    const mask = this.#numbers.length - 1;
    let slot = (key % 0x7fffffff) & mask;
    while (this.#numbers[slot] !== 0 && this.#digests[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [digests, numbers, lasts] = [this.#digests, this.#numbers, this.#lasts];
    this.#digests = new Float64Array(digests.length * 2);
    this.#numbers = new Uint32Array(numbers.length * 2);
    this.#lasts = new Uint32Array(numbers.length * 2);
    for (const [at, number] of numbers.entries()) {
      if (number === 0) continue;
      const key = digests[at] ?? 0;
      const slot = this.#slotOf(key);
      this.#digests[slot] = key;
      this.#numbers[slot] = number;
      this.#lasts[slot] = lasts[at] ?? 0;
    }
  }
}

function wideDigest(text: string): number {
  const bytes = digest(text);
  return bytes.readUInt32BE(0) * 0x100000 + (bytes.readUInt32BE(4) >>> 12);
}
