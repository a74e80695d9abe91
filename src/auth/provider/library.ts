// Loads oidc-provider without its line about Node 20, which it would print at every start, before the log is there. The tests run under
// Node 20, and decision 19 says which versions the library supports.

const { warn } = console;
console.warn = (...words: unknown[]) => {
  if (!String(words[0]).includes('Unsupported runtime')) warn(...words);
};
const library = await import('oidc-provider').finally(() => {
  console.warn = warn;
});

export const { default: Provider, errors, interactionPolicy } = library;
