// Reading a query string within bounds, for every door.

const PARAMETERS_MAX = 100;

/** The first 100 parameters of a query string; `+` and `%20` both mean a space. undefined if an encoding can't be decoded. */
export function parseQuery(query: string): URLSearchParams | undefined {
  const parameters = new URLSearchParams();
  try {
    for (const pair of query.split('&', PARAMETERS_MAX)) {
      if (pair === '') continue;
      const at = pair.indexOf('=');
      const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
      parameters.append(decode(name), decode(value));
    }
    return parameters;
  } catch {
    return undefined;
  }
}

/** @throws URIError */
function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
