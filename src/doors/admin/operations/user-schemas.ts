// The user of the admin API: extension attributes are flat, groups are given by id and stores by ref id. The schemas check types
// and generous upper bounds; the directory checks lengths and required data.

import { z } from 'zod';
import { dateTime } from '../api/common-schemas.ts';

const text = () => z.string().max(8192);
const LIST_MAX = 1000;

const contact = z.strictObject({
  value: text(),
  type: text().optional(),
  primary: z.boolean().optional(),
  display: text().optional(),
});

const role = z.strictObject({
  value: text(),
  display: text().optional(),
  type: text().optional(),
  primary: z.boolean().optional(),
});

const name = z.strictObject({
  givenName: text().nullable().optional(),
  familyName: text().nullable().optional(),
  middleName: text().nullable().optional(),
  honorificPrefix: text().nullable().optional(),
  honorificSuffix: text().nullable().optional(),
  formatted: text().nullable().optional(),
});

const store = z.strictObject({
  refId: text(),
  name: text().optional(),
  country: text().optional().meta({ description: 'Calling code, such as 32' }),
  primary: z.boolean().optional(),
});

/** The text attributes of a user, with their keys in the directory. */
export const TEXT_KEYS = {
  userName: 'userName',
  displayName: 'displayName',
  nickName: 'nickName',
  title: 'title',
  preferredLanguage: 'preferredLanguage',
  locale: 'locale',
  timezone: 'timezone',
  employeeNumber: 'enterprise.employeeNumber',
  costCenter: 'enterprise.costCenter',
  organization: 'enterprise.organization',
  division: 'enterprise.division',
  department: 'enterprise.department',
  companyId: 'mobietrain.companyId',
  organizationalUnit: 'mobietrain.organizationalUnit',
  organizationalRole: 'mobietrain.organizationalRole',
  customField01: 'mobietrain.customField01',
  customField02: 'mobietrain.customField02',
  customField03: 'mobietrain.customField03',
  country: 'mobietrain.country',
} as const;

/** The attributes that are lists of codes, with their keys in the directory. */
export const CODE_LIST_KEYS = {
  enrollmentProfiles: 'mobietrain.enrollmentProfiles',
  organizations: 'mobietrain.organizations',
} as const;

/** The multi-valued attributes that have the same shape in the directory. */
export const LIST_KEYS = ['emails', 'phoneNumbers', 'roles'] as const;

const texts = Object.fromEntries(Object.keys(TEXT_KEYS).map((key) => [key, text().nullable().optional()])) as Record<
  keyof typeof TEXT_KEYS,
  z.ZodOptional<z.ZodNullable<z.ZodString>>
>;

const codes = z.array(text()).max(LIST_MAX).nullable().optional();

const ownValue = z.union([text(), z.number(), z.boolean()]);

/** The body that creates a user; null means the same as leaving the attribute out. */
export const userDraft = z
  .strictObject({
    ...texts,
    externalId: text().nullable().optional().meta({ description: 'Stored and searchable, but never returned' }),
    name: name.nullable().optional(),
    active: z.boolean().optional(),
    emails: z.array(contact).max(LIST_MAX).nullable().optional(),
    phoneNumbers: z.array(contact).max(LIST_MAX).nullable().optional(),
    roles: z
      .array(role)
      .max(LIST_MAX)
      .nullable()
      .optional()
      .meta({ description: 'Stored as given; they grant no rights by themselves' }),
    manager: text().nullable().optional().meta({ description: "The superior's id, external ID or login name" }),
    enrollmentProfiles: codes,
    organizations: codes,
    stores: z.array(store).max(LIST_MAX).nullable().optional(),
    groups: z.array(text()).max(LIST_MAX).nullable().optional().meta({ description: 'Ids of user groups' }),
    customAttributes: z
      .record(z.string().max(100), z.union([ownValue, z.array(ownValue).max(LIST_MAX), z.null()]))
      .optional()
      .meta({ description: 'Values of the custom attributes of the account by name; null clears one' }),
  })
  .meta({ id: 'UserDraft' });
export type UserDraft = z.output<typeof userDraft>;

/** The body that changes a user: attributes left out are kept, null clears, a list replaces the list. */
export const userChange = userDraft.meta({
  id: 'UserChange',
  description: 'Attributes left out are kept; null clears an attribute; a list replaces the whole list',
});

/** A user as the API returns it. */
export const userSchema = z
  .object({
    id: z.string(),
    version: z.number().int(),
    created: dateTime,
    modified: dateTime,
    status: z.enum(['active', 'incomplete', 'invited', 'inactive', 'blocked']),
    active: z.boolean(),
    privacyPolicyConfirmed: z
      .boolean()
      .meta({ description: 'Whether the user confirmed the privacy policy; read-only' }),
    missing: z
      .array(z.string())
      .meta({ description: 'Required data that is missing or malformed, and references that are not resolved yet' }),
    hasExternalId: z.boolean(),
    ...(Object.fromEntries(Object.keys(TEXT_KEYS).map((key) => [key, z.string().optional()])) as Record<
      keyof typeof TEXT_KEYS,
      z.ZodOptional<z.ZodString>
    >),
    name: z
      .object({
        givenName: z.string().optional(),
        familyName: z.string().optional(),
        middleName: z.string().optional(),
        honorificPrefix: z.string().optional(),
        honorificSuffix: z.string().optional(),
        formatted: z.string().optional(),
      })
      .optional(),
    emails: z.array(z.looseObject({ value: z.string().optional() })),
    phoneNumbers: z.array(z.looseObject({ value: z.string().optional() })),
    roles: z.array(z.looseObject({ value: z.string().optional() })),
    manager: z.string().optional(),
    enrollmentProfiles: z.array(z.string()),
    organizations: z.array(z.string()),
    stores: z.array(
      z.object({
        refId: z.string().optional(),
        name: z.string().optional().meta({ description: "The administrators' name if set, otherwise the source's" }),
        country: z.string().optional(),
        primary: z.boolean().optional(),
      }),
    ),
    groups: z.array(z.object({ id: z.string(), name: z.string(), type: z.string().optional() })),
    customAttributes: z
      .record(z.string(), z.union([ownValue, z.array(ownValue)]))
      .optional()
      .meta({ description: 'Values of the custom attributes of the account by name' }),
  })
  .meta({ id: 'User' });
