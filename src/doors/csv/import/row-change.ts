// From the cells of a row to a request to the directory: a missing column changes nothing, an empty cell clears the value, and the
// limits of the format apply only to cells that differ from the stored value.

import { type Fault, fault } from '../../../directory/faults.ts';
import type { LinkChange } from '../../../directory/links/changes.ts';
import { GROUP_LINKS, type LinkKind, STORE_LINKS, statementOf } from '../../../directory/links/kinds.ts';
import type { ExternalIdOrigin, UserRevision, UserView } from '../../../directory/model.ts';
import type { FileIdentity, Revised } from '../../../directory/ports.ts';
import { distinctRoles, roleKey, withSuperiorRole } from '../../../directory/reference-data/references.ts';
import type { AccountAttribute } from '../../../directory/schema/account-attributes.ts';
import {
  copyAttributes,
  EXTENSION_KEYS,
  elementsAt,
  nameOfKey,
  primaryElement,
  sameValue,
  setAt,
  textAt,
} from '../../../directory/schema/attributes.ts';
import { foldText, isObject } from '../../../directory/schema/fold.ts';
import {
  callingCodeRule,
  countryCode,
  countryCodeRule,
  isCallingCode,
  LANGUAGE_RULE,
  languageTag,
  readDate,
} from '../../../directory/schema/formats.ts';
import { type Attributes, type AttributeValue, emptyAttributes } from '../../../directory/schema/schema.ts';
import { readCustomValue } from '../../../directory/schema/simple-values.ts';
import { addressRule } from '../../../directory/users/form.ts';
import { loginNameFrom } from '../../../directory/users/login-name.ts';
import { ENTRIES_MAX, type Entry, entryOf, readEntries, readFlag, writeEntry } from '../format/cells.ts';
import { type Column, type CustomColumn, readColumn, textsAt } from '../format/columns.ts';
import type { FileRow } from '../format/parse.ts';
import { hasLostZeros, spreadsheetDamage } from '../format/spreadsheet.ts';

/** What an entry of a cell refers to, resolved before the row is validated. `element` is absent if nothing with that name exists. */
export interface ResolvedEntry {
  entry: Entry;
  element?: Attributes;
  fault?: Fault;
}

/** The resolved entries of a row, by column. */
export type ResolvedCells = ReadonlyMap<Column, ResolvedEntry[]>;

export interface RowRules {
  loginNamesEditable: boolean;
  /** The custom attributes that the account has now: a file may have columns of others that it had when the file was submitted. */
  attributes: readonly AccountAttribute[];
}

const NOBODY: Pick<UserView, 'attributes'> = { attributes: emptyAttributes() };

/** The cell of the column with this syntax; undefined if the file has no such column. */
export function cellOf(row: FileRow, syntax: Column['syntax']): string | undefined {
  for (const [column, cell] of row.cells) if (column.syntax === syntax) return cell;
  return undefined;
}

/** The identifiers of a row's user, and the person's name. */
export function identityOf(row: FileRow): FileIdentity {
  const externalId = cellOf(row, 'externalId') ?? '';
  const email = cellOf(row, 'email') ?? '';
  const userName = cellOf(row, 'userName') ?? '';
  return {
    by: 'file',
    ...(externalId === '' ? {} : { externalId }),
    ...(email === '' ? {} : { email }),
    ...(userName === '' ? {} : { userName }),
    name: { given: cellAt(row, 'name.givenName'), family: cellAt(row, 'name.familyName') },
  };
}

/** The cell of the column that writes an attribute; '' if there is none. */
function cellAt(row: FileRow, key: string): string {
  for (const [column, cell] of row.cells) if (column.key === key) return cell;
  return '';
}

/** A row's request, and what its sender should know although the row is applied. */
export type RowRevision = Revised<UserRevision> & { notes: readonly Fault[] };

/**
 * The change that a row requests; `current` is undefined for a new user, who gets `userName` if the row has none.
 * Faults: tooLong, tooMany, invalidValue, mutability, unknownReference, ambiguousIdentity. They are returned with the revision, so
 * that the directory can add its own. A note has the same form as a fault.
 */
export function reviseByRow(
  row: FileRow,
  resolved: ResolvedCells,
  rules: RowRules,
  current: UserView | undefined,
  userName: string | undefined,
): RowRevision {
  const draft = new RowDraft(resolved, rules, current);
  for (const [column, cell] of inOrder(row)) draft.apply(column, cell);
  if (current) draft.checkIds(row);
  else draft.completeNew(userName, identityOf(row));
  return draft.revised();
}

/** The cells in an order that does not depend on the file: the column Superior changes what the column Roles states. */
function inOrder({ cells }: FileRow): (readonly [Column, string])[] {
  const isLast = ([{ syntax }]: readonly [Column, string]) => syntax === 'superior';
  return [...[...cells].filter((cell) => !isLast(cell)), ...[...cells].filter(isLast)];
}

class RowDraft {
  readonly #resolved: ResolvedCells;
  readonly #rules: RowRules;
  readonly #current: UserView | undefined;
  readonly #attributes: Attributes;
  readonly #stated = new Set<string>();
  readonly #links: LinkChange[] = [];
  readonly #copied = new Set<string>();
  readonly #faults: Fault[] = [];
  readonly #notes: Fault[] = [];
  #externalIdFrom: ExternalIdOrigin | undefined;

  constructor(resolved: ResolvedCells, rules: RowRules, current: UserView | undefined) {
    this.#resolved = resolved;
    this.#rules = rules;
    this.#current = current;
    this.#attributes = copyAttributes(current?.attributes);
  }

  revised(): RowRevision {
    const mode = this.#current ? 'patch' : 'replace';
    const revision: UserRevision = {
      mode,
      attributes: this.#attributes,
      stated: this.#stated,
      links: this.#links,
      ...(this.#externalIdFrom === undefined ? {} : { externalIdFrom: this.#externalIdFrom }),
    };
    const notes = this.#notes;
    const [first, ...rest] = this.#faults;
    return first ? { ok: false, faults: [first, ...rest], revision, notes } : { ok: true, revision, notes };
  }

  /** Damaged IDs match anybody whose ID was damaged in the same way: they stay only if the row is the same person's. */
  checkIds(row: FileRow): void {
    if (!this.#stated.has('name')) return;
    for (const [column, cell] of row.cells) {
      if (IDENTIFIERS.has(column.syntax) && isSameCell(column, cell, readColumn(column, this.#current ?? NOBODY))) {
        this.#refuseDamage(column, cell);
      }
    }
  }

  completeNew(userName: string | undefined, identity: FileIdentity): void {
    if (userName !== undefined) this.#put('userName', userName);
    // If the row has no External ID, the e-mail is used instead, as this format prescribes.
    if (identity.externalId === undefined && identity.email !== undefined) this.#externalIdFrom = 'emails';
    if (this.#attributes.active === undefined) this.#put('active', true);
  }

  apply(column: Column, cell: string): void {
    const shown = readColumn(column, this.#current ?? NOBODY);
    if (isSameCell(column, cell, shown)) return;
    if (ID_KEYS.has(column.key)) this.#checkId(column, cell, shown);
    if (column.max !== undefined && [...cell].length > column.max) {
      this.#refuse('tooLong', column, { max: column.max });
    }
    switch (column.syntax) {
      case 'userName':
        this.#applyUserName(column, cell);
        return;
      case 'externalId':
        this.#applyExternalId(column, cell, shown);
        return;
      case 'email':
        this.#applyEmail(column, cell.trim());
        return;
      case 'phone':
        this.#putShown('phoneNumbers', cell.trim(), 'mobile');
        return;
      case 'active':
      case 'superior':
        this.#applyFlag(column, cell, shown);
        return;
      case 'invite':
        if (cell.trim() !== '' && readFlag(cell) === undefined) this.#invalid(column, 'must be true or false');
        return;
      case 'language':
        this.#applyCode(column, cell, shown, languageTag);
        return;
      case 'country':
        this.#applyCode(column, cell, shown, countryCode);
        return;
      case 'date':
        this.#applyDate(column, cell);
        return;
      case 'superiorOf':
        // A named superior is set after the last row; an empty cell removes the superior at once.
        if (cell === '') this.#put(column.key, undefined);
        return;
      case 'roles':
        this.#applyRoles(column);
        return;
      case 'enrollmentProfiles':
      case 'organizations':
        this.#applyTexts(column);
        return;
      case 'userGroups':
        this.#applyLinks(column, GROUP_LINKS);
        return;
      case 'stores':
        this.#applyLinks(column, STORE_LINKS);
        return;
      case 'storeCountry':
        if (!this.#getsStores()) this.#applyStoreCountry(column, cell);
        return;
      case 'own':
        this.#applyOwn(column, cell);
        return;
      case 'readOnly':
        // An export from before the user confirmed says `false`, which does not mean that it takes that back.
        if (cell !== '' && readFlag(cell) !== false && shown === 'false') this.#refuse('mutability', column);
        return;
      case 'ignored':
        return;
      default:
        this.#applyText(column, cell);
    }
  }

  #refuse(code: Fault['code'], { key, name, syntax }: Column, params: Fault['params'] = {}): void {
    const isNamed = key === '' || syntax === 'superior';
    this.#faults.push(fault(code, isNamed ? name : nameOfKey(key), params));
  }

  #invalid(column: Column, rule: string): void {
    this.#refuse('invalidValue', column, { rule });
  }

  /** Sets a value on a copy, because the view shares its values. */
  #put(key: string, value: AttributeValue | undefined): void {
    const dot = key.indexOf('.');
    const top = dot < 0 ? key : key.slice(0, dot);
    const part = this.#attributes[top];
    if (dot >= 0 && isObject(part) && !this.#copied.has(top)) {
      this.#attributes[top] = copyAttributes(part);
      this.#copied.add(top);
    }
    setAt(this.#attributes, key, value);
    this.#stated.add(EXTENSION_KEYS.has(top) ? key : top);
  }

  /** Refuses what a spreadsheet left of an ID, and a number that lost the leading zeros that the stored one has. */
  #checkId(column: Column, cell: string, shown: string): void {
    this.#refuseDamage(column, cell);
    if (!hasLostZeros(cell, shown)) return;
    this.#invalid(column, `"${cell}" is "${shown}" without its leading zeros, which spreadsheets remove from numbers`);
  }

  #refuseDamage(column: Column, cell: string): void {
    const rule = spreadsheetDamage(cell);
    if (rule !== undefined) this.#invalid(column, rule);
  }

  /** An empty cell clears nothing. Another ID than the user's own is taken, since the row names the user by Uid, but never silently. */
  #applyExternalId(column: Column, cell: string, shown: string): void {
    if (cell === '') return;
    this.#put(column.key, cell);
    if (shown === '') return;
    const rule = `identified this user until now as "${shown}"; from now on it is "${cell}"`;
    this.#notes.push(fault('invalidValue', column.key, { rule }));
  }

  #applyText(column: Column, cell: string): void {
    const [resolved] = this.#resolved.get(column) ?? [];
    if (resolved?.fault) this.#faults.push(resolved.fault);
    const text = resolved ? resolved.entry.name : cell;
    this.#put(column.key, text === '' ? undefined : text);
  }

  /** A code in any of its forms; one that means the stored value changes nothing. */
  #applyCode(column: Column, cell: string, shown: string, canonical: typeof languageTag): void {
    const code = cell === '' ? undefined : canonical(cell);
    if (cell !== '' && code === undefined)
      this.#invalid(column, column.syntax === 'language' ? LANGUAGE_RULE : countryCodeRule(cell));
    else if (code === undefined || code !== canonical(shown)) this.#put(column.key, code);
  }

  #applyStoreCountry(column: Column, cell: string): void {
    if (cell !== '' && !isCallingCode(cell)) this.#invalid(column, callingCodeRule(cell));
    const primary = { secondaryKey: cell === '' ? null : cell };
    this.#links.push({ op: 'state', target: 'store', primary, isWhole: false });
  }

  /** A country without a store belongs to the user. */
  #getsStores(): boolean {
    for (const [{ syntax }, entries] of this.#resolved) if (syntax === 'stores') return entries.length > 0;
    return elementsAt(this.#attributes, 'mobietrain.stores').length > 0;
  }

  #applyUserName(column: Column, cell: string): void {
    // A login name can't be cleared: if the cell is empty, the user keeps the current one or gets one.
    if (cell === '') return;
    if (this.#current && !this.#rules.loginNamesEditable) {
      this.#refuse('mutability', column, { rule: 'login names cannot be changed in this account' });
      return;
    }
    this.#put(column.key, cell);
  }

  #applyEmail(column: Column, address: string): void {
    if (address !== '') {
      const rule = addressRule(address);
      if (rule !== undefined) this.#invalid(column, rule);
    }
    this.#putShown('emails', address, 'work');
  }

  /** Changes the element that a cell shows, or removes it; the others stay. */
  #putShown(key: 'emails' | 'phoneNumbers', value: string, type: string): void {
    const elements = elementsAt(this.#attributes, key);
    const shown = primaryElement(this.#attributes, key);
    if (value === (shown?.value ?? '')) return;
    let next: Attributes[];
    if (value === '') next = elements.filter((element) => element !== shown);
    else if (shown)
      next = elements.map((element) =>
        element === shown ? Object.assign(copyAttributes(element), { value }) : element,
      );
    else next = [Object.assign(emptyAttributes(), { value, type, primary: true })];
    this.#put(key, next.length > 0 ? next : undefined);
  }

  #applyFlag(column: Column, cell: string, shown: string): void {
    const isEmpty = cell.trim() === '';
    if (isEmpty && column.syntax === 'active') return;
    const wanted = isEmpty ? false : readFlag(cell);
    if (wanted === undefined) this.#invalid(column, 'must be true or false');
    else if (String(wanted) !== shown) {
      if (column.syntax === 'active') this.#put('active', wanted);
      else this.#put('roles', orNone(withSuperiorRole(elementsAt(this.#attributes, 'roles'), wanted)));
    }
  }

  #applyDate(column: Column, cell: string): void {
    if (cell.trim() === '') {
      this.#put(column.key, undefined);
      return;
    }
    const date = readDate(cell);
    if (date === undefined) this.#invalid(column, 'must be a date such as 2026-12-31');
    else if (date !== textAt(this.#attributes, column.key)) this.#put(column.key, date);
  }

  /** The entries of a cell, or a fault if the cell can't be read. */
  #entries(column: Column): ResolvedEntry[] | undefined {
    const entries = this.#resolved.get(column);
    if (!entries) this.#invalid(column, `must be at most ${ENTRIES_MAX} entries, separated by |`);
    return entries;
  }

  #applyRoles(column: Column): void {
    const current = elementsAt(this.#attributes, 'roles');
    const next = this.#entries(column)?.map(({ entry, fault: why }): Attributes => {
      // A role that the user has under its other name stays as it is written.
      const kept = current.find((role) => roleKey(textAt(role, 'value') ?? '') === roleKey(entry.name));
      if (!kept && why) this.#faults.push(why);
      return kept ?? Object.assign(emptyAttributes(), { value: entry.name });
    });
    const distinct = next && distinctRoles(next);
    if (distinct && !sameValue(distinct, current)) this.#put('roles', orNone(distinct));
  }

  #applyTexts(column: Column): void {
    const current = textsAt(this.#attributes, column.key);
    const all = this.#entries(column)?.map(({ entry, fault: why }) => {
      if (why && !current.includes(entry.name)) this.#faults.push(why);
      return entry.name;
    });
    const next = all && [...new Map(all.map((text) => [foldText(text), text])).values()];
    if (next && !sameValue(next, current)) this.#put(column.key, next.length > 0 ? next : undefined);
  }

  #applyOwn(column: Column, cell: string): void {
    const { own } = column;
    if (!own) return;
    if (!this.#isServed(own)) {
      const rule = 'the account has no such attribute any more: the column was not read';
      if (cell !== '') this.#notes.push(fault('invalidValue', own.name, { rule }));
      return;
    }
    const entries = own.multiValued ? readEntries(cell) : undefined;
    if (own.multiValued && !entries) {
      this.#invalid(column, `must be at most ${ENTRIES_MAX} entries, separated by |`);
      return;
    }
    const read = readCustomValue(own, entries ? entries.map(({ name }) => name) : cell);
    if (read.ok) this.#put(column.key, read.value);
    else this.#invalid(column, read.rule);
  }

  /** An attribute of the same name that holds something else is another one. */
  #isServed({ name, type, multiValued }: CustomColumn): boolean {
    return this.#rules.attributes.some(
      (each) => each.name === name && each.type === type && each.multiValued === multiValued,
    );
  }

  #applyLinks(column: Column, kind: LinkKind): void {
    const current = elementsAt(this.#current?.attributes ?? emptyAttributes(), column.key);
    const next = this.#entries(column)
      ?.map((each) => this.#linkOf(each, current, kind.secondaryKey))
      .filter((element) => element !== undefined);
    if (!next || sameValue(next, current)) return;
    const links = next.map((element) => statementOf(kind, element));
    this.#links.push({ op: 'replace', target: kind.target, links });
  }

  /** The user's existing element that an entry refers to, otherwise the resolved one. */
  #linkOf(
    { entry, element, fault: why }: ResolvedEntry,
    current: Attributes[],
    secondaryKey: LinkKind['secondaryKey'],
  ): Attributes | undefined {
    const text = writeEntry(entry);
    const same = current.find((other) => writeEntry(entryOf(other, secondaryKey)) === text);
    if (same) return same;
    if (!element) {
      if (why) this.#faults.push(why);
      return undefined;
    }
    const known = current.find((other) => isSameTarget(other, element, secondaryKey));
    const wanted = Object.assign(emptyAttributes(), known, element);
    if (entry.parameters.has('primary')) wanted.primary = true;
    else if (wanted.primary === true) delete wanted.primary;
    return known && sameValue(wanted, known) ? known : wanted;
  }
}

/** Columns of IDs, which spreadsheets damage. */
const ID_KEYS: ReadonlySet<string> = new Set([
  'userName',
  'externalId',
  'enterprise.employeeNumber',
  'mobietrain.companyId',
]);
/** Columns by which a row identifies its user. */
const IDENTIFIERS: ReadonlySet<Column['syntax']> = new Set(['userName', 'externalId']);

/** Whether a cell says what is stored: without blanks around it, however its characters are composed, login names in any case. */
function isSameCell({ syntax }: Column, cell: string, shown: string): boolean {
  if (cell === shown) return true;
  if (syntax === 'userName') return foldText(cell) === foldText(shown.trim());
  return cell.normalize('NFC') === shown.trim().normalize('NFC');
}

function isSameTarget(a: Attributes, b: Attributes, secondaryKey: string): boolean {
  if (a.value !== undefined || b.value !== undefined) return a.value === b.value;
  const fold = (element: Attributes, key: string) => foldText(textAt(element, key) ?? '');
  return fold(a, 'display') === fold(b, 'display') && fold(a, secondaryKey) === fold(b, secondaryKey);
}

function orNone(elements: Attributes[]): Attributes[] | undefined {
  return elements.length > 0 ? elements : undefined;
}

/** The entries of a row's cell, a single one if the column holds no list; undefined if the cell can't be read. */
export function entriesOf(column: Column, cell: string): Entry[] | undefined {
  if (column.syntax === 'orgUnit') return cell === '' ? [] : [{ name: cell, parameters: new Map() }];
  return readEntries(cell);
}

/** The login name made from the row's names; undefined if it has none. */
export function loginNameOf(row: FileRow): string | undefined {
  return loginNameFrom({ given: cellAt(row, 'name.givenName'), family: cellAt(row, 'name.familyName') });
}
