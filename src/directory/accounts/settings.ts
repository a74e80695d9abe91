// Owns the table of account settings with their schemas and descriptions. The account's type, the admin API and the command line
// follow from it. `src/mongo/schemas/accounts/accounts.ts` does not compile if a setting is missing there.

import { z } from 'zod';
import { isEncodingLabel, isHttpsUrl, isTimeOfDay, isTimeZone } from '../schema/formats.ts';

const DERIVED_GROUPS_MAX = 20;
const ASSIGNABLE_MAX = 1000;

/** The roles whose assignment of groups an account can limit. The others may assign every group, or none. */
const LIMITED_ROLES = ['superior', 'orgUnitAssistant', 'orgUnitAdministrator', 'subdomainAdministrator'] as const;

/** The languages of mails and pages. */
export const LANGUAGES = ['en', 'nl', 'fr', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

const INVITE_DAYS_MAX = 365;
const REMINDERS_MAX = 20;

/** 64 KB in base64. */
const LOGO_CHARS_MAX = 88_000;
/** How CrewPlanner can sign links: with a shared secret, or with a key that it publishes. */
export const LINK_ALGORITHMS = ['HS256', 'RS256', 'ES256'] as const;

/** The highest possible limit of active users. */
export const USER_LIMIT_MAX = 10_000_000;

/** All settings. The description of an optional setting includes its default. */
export const accountSettings = {
  /** Whether users without the data that the MobieTrain user table requires are refused, or accepted and reported. */
  requiredData: z.enum(['enforce', 'report']).meta({
    description:
      'Active users without the data that the user table requires are refused (enforce), or accepted and listed as incomplete (report)',
  }),
  userLimit: z
    .number()
    .int()
    .min(1)
    .max(USER_LIMIT_MAX)
    .meta({ description: 'Maximum number of active users; null removes the limit. System Administrators only' }),
  derivedGroups: z
    .array(
      z.strictObject({
        /** `Attribute.key`, for example `enterprise.department`. */
        attribute: z.string().max(255),
        groupType: z.string().min(1).max(255),
      }),
    )
    .max(DERIVED_GROUPS_MAX)
    .meta({
      description: 'Keeps one group of this type for each value of the attribute, such as enterprise.department',
    }),
  assignableGroups: z
    .array(
      z.strictObject({
        role: z.enum(LIMITED_ROLES),
        /** Groups of these types. */
        types: z.array(z.string().min(1).max(255)).max(ASSIGNABLE_MAX).optional(),
        /** Groups with these ids. */
        groups: z.array(z.string().min(1).max(64)).max(ASSIGNABLE_MAX).optional(),
      }),
    )
    .max(LIMITED_ROLES.length)
    .meta({
      description:
        'The groups that a role may add users to and remove users from, by type or by id. A role without an entry may assign every group',
    }),
  loginNamesEditable: z.boolean().meta({
    description: 'Whether administrators and files may change login names. System Administrators only',
  }),
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'must be an IANA time zone such as Europe/Brussels')
    .meta({ description: 'IANA time zone; UTC by default' }),
  importTime: z
    .string()
    .refine(isTimeOfDay, 'must be a time such as 02:30')
    .meta({ description: "When the watched folder is read and end dates take effect, in the account's time zone" }),
  importEncoding: z
    .string()
    .max(40)
    .refine(
      (label) => label === 'detect' || isEncodingLabel(label),
      'must be an encoding such as windows-1250, or detect',
    )
    .meta({ description: 'The encoding of files in the watched folder, such as windows-1250; detect by default' }),
  importDelimiter: z
    .enum([';', ',', 'tab', 'detect'])
    .meta({ description: 'What stands between the cells of files in the watched folder; detect by default' }),
  login: z.enum(['password', 'link']).meta({
    description: 'How learners get in: with a password, the default, or only over the link of a partner',
  }),
  passwordSync: z.boolean().meta({
    description: 'Whether the password that a SCIM client sends becomes the password of the user; false by default',
  }),
  termsVersion: z.string().min(1).max(40).meta({
    description:
      'The version of the Terms and Conditions; learners accept a new version before they get in. 1 by default',
  }),
  termsUrl: z
    .string()
    .max(2000)
    .refine(isHttpsUrl, 'must be an https address')
    .meta({ description: 'Where the Terms and Conditions are to be read' }),
  contact: z.string().min(1).max(255).meta({
    description: 'Whom learners ask if they cannot get in, such as the name and e-mail of the help desk',
  }),
  colour: z
    .string()
    .regex(/^#[0-9a-f]{6}$/, 'must be a colour such as #0a5c36')
    .meta({ description: 'The colour of the account on the pages of learners, such as #0a5c36' }),
  logo: z
    .string()
    .max(LOGO_CHARS_MAX)
    .regex(
      /^data:image\/(?:png|jpeg|webp);base64,[A-Za-z0-9+/]+={0,2}$/,
      'must be a data URL of a PNG, JPEG or WebP image',
    )
    .meta({ description: 'The logo of the account on the pages of learners, as a data URL of at most 64 KB' }),
  crewplannerSlug: z
    .string()
    .regex(
      /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
      'must be the first part of the host, such as acme for acme.crewplanner.com',
    )
    .meta({
      description: 'The subdomain of the CrewPlanner environment, whose links sign people in; without it, none does',
    }),
  crewplannerAlgorithm: z.enum(LINK_ALGORITHMS).meta({
    description:
      'How CrewPlanner signs links: HS256 (the default) with a secret of this account, RS256 or ES256 with its published keys',
  }),
  endDatePolicy: z.enum(['deactivate', 'delete']).meta({ description: 'What happens to users on their end date' }),
  languages: z
    .array(z.enum(LANGUAGES))
    .min(1)
    .max(LANGUAGES.length)
    .meta({ description: 'The languages of mails and pages, the preferred one first; en, nl, fr and de by default' }),
  inviteLifetimeDays: z.number().int().min(1).max(INVITE_DAYS_MAX).meta({
    description: 'How many days an invited person has to register; 60 by default. Counts for new invitations',
  }),
  inviteImported: z.boolean().meta({
    description:
      'Whether new users of CSV files are invited by mail unless the column Invite says otherwise; false by default. Setting it confirms the user agreement for them',
  }),
  inviteReminderDays: z.array(z.number().int().min(1).max(INVITE_DAYS_MAX)).max(REMINDERS_MAX).meta({
    description: 'The days after an invitation on which a reminder is sent; 7, 21, 40, 53 and 57 by default',
  }),
};

type Values = { [Setting in keyof typeof accountSettings]: z.infer<(typeof accountSettings)[Setting]> };

/** Required settings. */
type Always = 'requiredData' | 'derivedGroups';

/** The settings of an account as they are stored; an absent setting has its default. */
export type AccountSettings = Pick<Values, Always> & Partial<Omit<Values, Always>>;

/** A change of settings. A `userLimit` of null removes the limit. */
export type SettingsChange = Partial<Omit<Values, 'userLimit'>> & { userLimit?: number | null };

/** The settings of an account that have a value. */
export function settingsOf(account: AccountSettings): AccountSettings {
  const { requiredData, derivedGroups, ...others } = account;
  const given = Object.entries(others).filter(
    ([key, value]) => Object.hasOwn(accountSettings, key) && value !== undefined,
  );
  return { requiredData, derivedGroups, ...Object.fromEntries(given) };
}
