// The texts of the pages of learners in every language.

import type { Language } from '../../../directory/accounts/settings.ts';
import { de } from './de.ts';
import { en, type Texts } from './en.ts';
import { fr } from './fr.ts';
import { nl } from './nl.ts';

/** The texts of every language. */
export const TEXTS: Readonly<Record<Language, Texts>> = { en, nl, fr, de };
