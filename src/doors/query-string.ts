// Reading a query string within bounds, for every door.

const PARAMETERS_MAX = 100;

/** The parameters of a query string, or the rule that it breaks, as a predicate. */
type ParsedQuery = { ok: true; parameters: URLSearchParams } | { ok: false; rule: string };

/** Parses a query string of at most 100 parameters; `+` and `%20` both mean a space. */
export function parseQuery(query: string): ParsedQuery {
  const parameters = new URLSearchParams();
  const pairs = query.split('&', PARAMETERS_MAX + 1);
  if (pairs.length > PARAMETERS_MAX) return { ok: false, rule: `has more than ${PARAMETERS_MAX} parameters` };
  try {
    for (const pair of pairs) {
      if (pair === '') continue;
      const at = pair.indexOf('=');
      const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
      parameters.append(decode(name), decode(value));
    }
    return { ok: true, parameters };
  } catch {
    return { ok: false, rule: "has a percent-encoding that can't be decoded" };
  }
}

/** @throws URIError */
function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
