// What the form of a user demands beside the directory's rules: login names that may change, codes that the account knows.

import { type Fault, fault } from '../../../../directory/faults.ts';
import type { Caller, UserView } from '../../../../directory/model.ts';
import type { ReferenceData, ReferenceKind } from '../../../../directory/reference-data/reference-data.ts';
import { elementsAt, textAt } from '../../../../directory/schema/attributes.ts';
import { foldText } from '../../../../directory/schema/fold.ts';
import {
  COUNTRY_CODE_RULE,
  countryCode,
  EMAIL_RULE,
  isEmailAddress,
  LANGUAGE_RULE,
  languageTag,
} from '../../../../directory/schema/formats.ts';
import { emptyAttributes } from '../../../../directory/schema/schema.ts';
import type { UserDraft } from '../user-schemas.ts';

/** Login names belong to the source unless the account lets administrators change them. Faults: mutability. */
export function loginNameFaults({ account }: Caller, current: UserView, { userName }: UserDraft): Fault[] {
  if (userName === undefined || account.loginNamesEditable || userName === current.attributes.userName) return [];
  return [fault('mutability', 'userName', { rule: 'login names cannot be changed in this account' })];
}

/**
 * Refuses values that the form of the user management document does not take, whatever the account's `requiredData`: names of blanks,
 * malformed e-mail addresses, and languages and countries that do not exist. What is stored already may stay. Faults: invalidValue.
 */
export function formFaults(body: UserDraft, current?: Pick<UserView, 'attributes'>): Fault[] {
  const attributes = current?.attributes ?? emptyAttributes();
  const known = new Set(elementsAt(attributes, 'emails').map(({ value }) => value));
  const faults: Fault[] = [];
  const refuse = (path: string, rule: string) => faults.push(fault('invalidValue', path, { rule }));
  for (const key of ['givenName', 'familyName'] as const) {
    const text = body.name?.[key];
    if (text && text.trim() === '') refuse(`name.${key}`, 'must not consist of blanks');
  }
  for (const [index, { value }] of (body.emails ?? []).entries()) {
    if (value !== '' && !known.has(value) && !isEmailAddress(value)) refuse(`emails[${index}].value`, EMAIL_RULE);
  }
  const { preferredLanguage: language, country } = body;
  const isKnown = (key: string, text: string) => text === textAt(attributes, key);
  if (language && !isKnown('preferredLanguage', language) && languageTag(language) === undefined)
    refuse('preferredLanguage', LANGUAGE_RULE);
  if (country && !isKnown('mobietrain.country', country) && countryCode(country) === undefined)
    refuse('country', COUNTRY_CODE_RULE);
  return faults;
}

/** A body whose codes are spelled as the account spells them, each once, and the codes that do not exist (unknownReference). */
export async function spelledCodes(
  referenceData: Pick<ReferenceData, 'known'>,
  caller: Caller,
  body: UserDraft,
): Promise<{ body: UserDraft; unknown: Fault[] }> {
  const unknown: Fault[] = [];
  const spell = async (kind: ReferenceKind, codes: readonly string[], path: string): Promise<string[]> => {
    const known = codes.length > 0 ? await referenceData.known(caller.account.id, kind, [...codes]) : new Map();
    const spelled = codes.map((code) => {
      const found: string | undefined = known.get(foldText(code));
      if (found === undefined) unknown.push(fault('unknownReference', path, { kind, value: code }));
      return found ?? code;
    });
    return [...new Set(spelled)];
  };
  const { organizationalUnit: unit, enrollmentProfiles: profiles, organizations } = body;
  const [units, spelledProfiles, spelledOrganizations] = await Promise.all([
    spell('orgUnit', unit ? [unit] : [], 'organizationalUnit'),
    spell('enrollmentProfile', profiles ?? [], 'enrollmentProfiles'),
    spell('organization', organizations ?? [], 'organizations'),
  ]);
  return {
    unknown,
    body: {
      ...body,
      ...(unit ? { organizationalUnit: units[0] } : {}),
      ...(profiles ? { enrollmentProfiles: spelledProfiles } : {}),
      ...(organizations ? { organizations: spelledOrganizations } : {}),
    },
  };
}

/** Whether the user already has the code that `unknown` complains about: it may stay, even if the account has dropped it. */
export function hasCode(current: UserView, unknown: Fault): boolean {
  const value = current.attributes.mobietrain;
  const stored = typeof value === 'object' && value !== null && !Array.isArray(value) ? value[unknown.path] : undefined;
  const codes = Array.isArray(stored) ? stored : [stored];
  return codes.some((code) => typeof code === 'string' && foldText(code) === foldText(String(unknown.params.value)));
}
