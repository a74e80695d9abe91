// The paths of the pages of learners.

/** The path of all pages below the public URL. */
export const LOGIN_BASE = '/login';

/** The path of the page of an interaction, below the public URL; `below` is a page of it. */
export function interactionPath(uid: string, below: '' | '/forgot' = ''): string {
  return `${LOGIN_BASE}/interaction/${uid}${below}`;
}

/** The path of the page on which a password is set over a link. */
export function resetPath(token: string): string {
  return `${LOGIN_BASE}/reset/${token}`;
}

/** The path of the page on which an invited person registers. */
export function registrationPath(token: string): string {
  return `${LOGIN_BASE}/register/${token}`;
}
