// Turns a block into a change of its user: elements become attributes, and the rules of the format are checked on the resulting
// user. Required values must be present then, and referenced names must exist. The directory checks the rules of the user table.

import { type Fault, fault } from '../../../directory/faults.ts';
import type { LinkChange } from '../../../directory/links/changes.ts';
import type { ExternalIdOrigin, UserRevision, UserView } from '../../../directory/model.ts';
import type { Revised } from '../../../directory/ports.ts';
import type { ReferenceKind } from '../../../directory/reference-data/reference-data.ts';
import { isFileRole, roleKey, withRole } from '../../../directory/reference-data/references.ts';
import { copyAttributes, elementsAt, setAt, textAt, withPrimaryValue } from '../../../directory/schema/attributes.ts';
import { foldText } from '../../../directory/schema/fold.ts';
import { countryCode, countryCodeRule, isLanguageCode, languageTag } from '../../../directory/schema/formats.ts';
import { type Attributes, emptyAttributes } from '../../../directory/schema/schema.ts';
import { type Listed, splitName, type UserBlock } from '../format/user-block.ts';

/** The role that a ManagerFlag of true gives. It is kept as sent and grants nothing by itself. */
const MANAGER_ROLE = 'Manager';

/** The existing names that blocks refer to: roles and organizations with their spelling, by folded code, and stores by ref id. */
export interface KnownNames {
  roles: ReadonlyMap<string, string>;
  organizations: ReadonlyMap<string, string>;
  stores: ReadonlySet<string>;
}

/**
 * The change that a block makes to its user. Pure: it is called again if another write came first.
 * @param current the stored user; undefined for a new one
 * @param found the faults of the block itself
 * @returns faults in the order of the elements; required, invalidValue, unknownReference
 */
export function reviseUser(
  block: UserBlock,
  known: KnownNames,
  found: readonly Fault[],
  current: UserView | undefined,
): Revised<UserRevision> & { notes: readonly Fault[] } {
  const draft = new Draft(block, known, current);
  draft.identity();
  draft.name();
  draft.location();
  draft.email();
  draft.language();
  draft.country();
  draft.manager();
  draft.roles();
  draft.organizations();
  const revision = draft.revision();
  const { notes } = draft;
  const [first, ...rest] = [...draft.faults, ...found];
  return first ? { ok: false, faults: [first, ...rest], revision, notes } : { ok: true, revision, notes };
}

class Draft {
  readonly faults: Fault[] = [];
  /** What the sender should know although the block is applied. */
  readonly notes: Fault[] = [];
  readonly #block: UserBlock;
  readonly #known: KnownNames;
  readonly #attributes: Attributes;
  readonly #isNew: boolean;
  readonly #stated = new Set<string>();
  readonly #links: LinkChange[] = [];
  #externalIdFrom: ExternalIdOrigin | undefined;

  constructor(block: UserBlock, known: KnownNames, current: UserView | undefined) {
    this.#block = block;
    this.#known = known;
    this.#isNew = current === undefined;
    this.#attributes = copyAttributes(current?.attributes);
    // These parts are written into, so they are copied; the view stays unchanged.
    for (const part of ['name', 'mobietrain', 'enterprise']) {
      const values = this.#attributes[part];
      if (typeof values === 'object' && values !== null && !Array.isArray(values)) {
        this.#attributes[part] = copyAttributes(values);
      }
    }
  }

  revision(): UserRevision {
    return {
      mode: this.#isNew ? 'replace' : 'patch',
      attributes: this.#attributes,
      stated: this.#stated,
      links: this.#links,
      ...(this.#externalIdFrom === undefined ? {} : { externalIdFrom: this.#externalIdFrom }),
    };
  }

  /** UserId is the login name, and the external ID of a user who has none. */
  identity(): void {
    const userId = this.#block.texts.get('UserId');
    if (userId === undefined) {
      this.faults.push(fault('required', 'userName'));
      return;
    }
    if (this.#isNew) this.#state('userName', userId);
    if (textAt(this.#attributes, 'externalId') === undefined) this.#externalIdFrom = 'userName';
  }

  /** The whole name is kept as displayName. Sending the same name again keeps its parts, which may have been corrected by hand. */
  name(): void {
    const whole = this.#block.texts.get('UserName');
    const shown = textAt(this.#attributes, 'displayName');
    const given = textAt(this.#attributes, 'name.givenName');
    const family = textAt(this.#attributes, 'name.familyName');
    if (whole === undefined) {
      if (shown === undefined && given === undefined && family === undefined) {
        this.faults.push(fault('required', 'name'));
      }
      return;
    }
    if (whole === shown && given !== undefined && family !== undefined) return;
    const name = copyAttributes(this.#attributes.name as Attributes | undefined);
    // They belong to the former name.
    delete name.middleName;
    delete name.formatted;
    this.#state('name', Object.assign(name, splitName(whole)));
    this.#state('displayName', whole);
  }

  /** The location becomes the primary store; a store that other sources assert as well is kept. */
  location(): void {
    const refId = this.#block.texts.get('RetailLocationId');
    if (refId === undefined) return;
    if (!this.#known.stores.has(refId)) {
      this.faults.push(fault('unknownReference', 'RetailLocationId', { kind: 'store', value: refId }));
      return;
    }
    // If the user has the store already, this connection asserts it too from now on.
    this.#links.push(
      { op: 'add', target: 'store', links: [{ reference: refId }] },
      { op: 'state', target: 'store', primary: { reference: refId }, isWhole: false },
    );
  }

  email(): void {
    const address = this.#block.texts.get('Email');
    if (address === undefined) {
      const emails = elementsAt(this.#attributes, 'emails');
      if (!emails.some((email) => typeof email.value === 'string' && email.value !== '')) {
        this.faults.push(fault('required', 'emails'));
      }
      return;
    }
    const changed = withPrimaryValue(this.#attributes, 'emails', address, 'work');
    if (changed) this.#state('emails', changed);
  }

  /** The format has languages without regions: `nl` leaves `nl-BE` unchanged. */
  language(): void {
    const code = this.#block.texts.get('LanguageCode');
    const current = textAt(this.#attributes, 'preferredLanguage');
    if (code === undefined) {
      if (current === undefined) this.faults.push(fault('required', 'preferredLanguage'));
      return;
    }
    if (!isLanguageCode(code)) {
      this.faults.push(fault('invalidValue', 'preferredLanguage', { rule: 'must be an ISO 639 code such as nl' }));
      return;
    }
    const language = languageTag(code) ?? code;
    if (languageTag(current ?? '')?.split('-', 1)[0] !== language) this.#state('preferredLanguage', language);
  }

  country(): void {
    const code = this.#block.texts.get('CountryCode');
    if (code === undefined) {
      if (textAt(this.#attributes, 'mobietrain.country') === undefined) {
        this.faults.push(fault('required', 'country'));
      }
      return;
    }
    const country = countryCode(code);
    if (country === undefined) this.faults.push(fault('invalidValue', 'country', { rule: countryCodeRule(code) }));
    else if (country !== countryCode(textAt(this.#attributes, 'mobietrain.country') ?? ''))
      this.#state('mobietrain.country', country);
  }

  /** A manager who does not exist yet is stored by name and resolved when such a user is created. */
  manager(): void {
    const reference = this.#block.texts.get('ManagerUserId');
    if (reference === undefined) return;
    const userId = this.#block.texts.get('UserId') ?? '';
    if (foldText(reference) === foldText(userId) || reference === textAt(this.#attributes, 'externalId')) {
      this.notes.push(fault('invalidValue', 'manager', { rule: 'a user cannot be their own manager; left unchanged' }));
      return;
    }
    const manager = emptyAttributes();
    manager.value = reference;
    this.#state('enterprise.manager', manager);
  }

  roles(): void {
    const { isManager, roles } = this.#block;
    let elements = elementsAt(this.#attributes, 'roles');
    const before = elements;
    const has = (code: string) => elements.some((role) => roleKey(textAt(role, 'value') ?? '') === roleKey(code));
    const change = (code: string, add: boolean) => {
      elements = withRole(elements, code, add);
    };
    if (isManager !== undefined) change(MANAGER_ROLE, isManager);
    for (const role of this.#existing('role', this.#known.roles, roles, has)) change(role.code, role.action === 'Add');
    if (elements !== before) this.#stateList('roles', elements);
  }

  organizations(): void {
    const stated = this.#attributes.mobietrain as Attributes | undefined;
    const list = Array.isArray(stated?.organizations) ? stated.organizations : [];
    let names = list.filter((name): name is string => typeof name === 'string');
    const has = (code: string) => names.some((name) => foldText(name) === foldText(code));
    const listed = this.#block.organizations;
    const before = names;
    for (const { code, action } of this.#existing('organization', this.#known.organizations, listed, has)) {
      if (action === 'Delete') names = names.filter((name) => foldText(name) !== foldText(code));
      else if (!has(code)) names = [...names, code];
    }
    if (names !== before) this.#stateList('mobietrain.organizations', names);
  }

  /** The existing ones, as spelled in the account. A value of the user can be removed even if it no longer exists in the account. */
  #existing(
    kind: ReferenceKind,
    known: ReadonlyMap<string, string>,
    listed: Listed[],
    has: (code: string) => boolean,
  ): Listed[] {
    const path = kind === 'role' ? 'roles' : 'organizations';
    return listed.flatMap(({ code, action }) => {
      // Some roles exist in every account, without an entry in its catalogue.
      const spelt = known.get(foldText(code)) ?? (kind === 'role' && isFileRole(code) ? code : undefined);
      if (spelt === undefined && !(action === 'Delete' && has(code))) {
        this.faults.push(fault('unknownReference', path, { kind, value: code }));
        return [];
      }
      return [{ code: spelt ?? code, action }];
    });
  }

  #stateList(key: string, values: Attributes[] | string[]): void {
    setAt(this.#attributes, key, values.length > 0 ? values : undefined);
    this.#stated.add(key);
  }

  #state(key: string, value: Attributes | Attributes[] | string): void {
    setAt(this.#attributes, key, value);
    this.#stated.add(key);
  }
}
