// Which client of SCIM sends requests, by its User-Agent.

/** The clients that are recognised. */
export const CLIENT_NAMES = ['entra', 'okta', 'onelogin', 'jumpcloud', 'ping'] as const;
export type ClientName = (typeof CLIENT_NAMES)[number];

const AGENTS: readonly (readonly [ClientName, RegExp])[] = [
  ['entra', /azure ad|microsoft|entra/i],
  ['okta', /okta/i],
  ['onelogin', /onelogin/i],
  ['jumpcloud', /jumpcloud/i],
  ['ping', /\bping/i],
];
const AGENT_CHARS_MAX = 255;

/** The client with this User-Agent; undefined if it is none of those that are known. */
export function clientOf(userAgent: string | undefined): ClientName | undefined {
  const text = userAgent?.slice(0, AGENT_CHARS_MAX) ?? '';
  return AGENTS.find(([, pattern]) => pattern.test(text))?.[0];
}
