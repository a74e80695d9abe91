// Finding a value in a JSON answer: `/name/givenName`, `/Resources/0/id`, `/emails[type=work]/value`, `/members/*/value`.

const STEP = /\/([^/[]+)(?:\[(\w+)=([^\]]*)\])?/g;

/** The value at a pointer; undefined if there is none. `*` gives the list of what every element has. */
export function at(document: unknown, pointer: string): unknown {
  let value: unknown = document;
  // A URN has no slash and no bracket, so that it is one step.
  const steps = [...pointer.matchAll(STEP)];
  for (const [index, [, name = '', key, wanted]] of steps.entries()) {
    if (name === '*') {
      const rest = steps
        .slice(index + 1)
        .map(([text]) => text)
        .join('');
      return Array.isArray(value)
        ? value.map((element: unknown) => (rest === '' ? element : at(element, rest)))
        : undefined;
    }
    value = member(value, name);
    if (key !== undefined) {
      value = Array.isArray(value)
        ? value.find((element: unknown) => String(member(element, key)) === wanted)
        : undefined;
    }
  }
  return value;
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
