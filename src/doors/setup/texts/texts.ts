// The texts of the set-up page in every language.

import type { Language } from '../../../directory/accounts/settings.ts';
import { de } from './de.ts';
import { en, type SetupTexts } from './en.ts';
import { fr } from './fr.ts';
import { nl } from './nl.ts';

/** The texts of every language. */
export const TEXTS: Readonly<Record<Language, SetupTexts>> = { en, nl, fr, de };
