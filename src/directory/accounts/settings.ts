// The settings of an account, one table: what each may hold, and what it means. The account's type, the admin API and the checks of
// the command line follow it. `src/mongo/schemas/accounts/accounts.ts` does not compile without a new one.

import { z } from 'zod';
import { isTimeOfDay, isTimeZone } from '../schema/formats.ts';

const DERIVED_GROUPS_MAX = 20;

/** Active users at most that an account can be limited to. */
export const USER_LIMIT_MAX = 10_000_000;

/** Every setting. A setting that may be absent says in its description what holds then. */
export const accountSettings = {
  /** What happens to users who break a rule of the MobieTrain user table: they are refused, or what they lack is reported. */
  requiredData: z.enum(['enforce', 'report']),
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
  loginNamesEditable: z.boolean().meta({ description: 'Whether administrators and files may change login names' }),
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'must be an IANA time zone such as Europe/Brussels')
    .meta({ description: 'IANA time zone; UTC by default' }),
  importTime: z
    .string()
    .refine(isTimeOfDay, 'must be a time such as 02:30')
    .meta({ description: "When the watched folder is read and end dates take effect, in the account's time zone" }),
  endDatePolicy: z.enum(['deactivate', 'delete']).meta({ description: 'What happens to users on their end date' }),
};

type Values = { [Setting in keyof typeof accountSettings]: z.infer<(typeof accountSettings)[Setting]> };

/** Settings that every account has. */
type Always = 'requiredData' | 'derivedGroups';

/** The settings of an account as they are stored; an absent one has its default. */
export type AccountSettings = Pick<Values, Always> & Partial<Omit<Values, Always>>;

/** What changes on an account. A `userLimit` of null takes the limit away. */
export type SettingsChange = Partial<Omit<Values, 'userLimit'>> & { userLimit?: number | null };

/** The settings of an account, those that have a value. */
export function settingsOf(account: AccountSettings): AccountSettings {
  const { requiredData, derivedGroups, ...others } = account;
  const given = Object.entries(others).filter(
    ([key, value]) => Object.hasOwn(accountSettings, key) && value !== undefined,
  );
  return { requiredData, derivedGroups, ...Object.fromEntries(given) };
}
