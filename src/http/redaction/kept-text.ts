// Which short texts may be kept as they are: ids of this server, and nothing that looks like a token.

/** What is stored instead of a text that is not kept. */
export const HIDDEN = '…';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Ids of accounts, connections and credentials; see short-id.ts. */
const SHORT_ID = /^(?:acc|con|tok)_[A-Za-z0-9]{1,24}$/;

/** Whether a text can be an id that this server gave. */
export function isId(text: string): boolean {
  return UUID.test(text) || SHORT_ID.test(text);
}

/** A token of this server, a JSON Web Token, or a long run of letters and digits. */
const TOKEN =
  /mb[tp]_[A-Za-z0-9_-]|eyJ[A-Za-z0-9_-]{8}|(?=[A-Za-z_+/=~-]*[0-9])(?=[0-9_+/=~-]*[A-Za-z])[A-Za-z0-9_+/=~-]{24}/;

/** Whether a text may contain a token or a key. */
export function isLikeToken(text: string): boolean {
  return TOKEN.test(text) && !isId(text);
}
