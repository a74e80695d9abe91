// Starts the API reference with both OpenAPI documents. It sends nothing to other hosts and stores no token.

const COLOURS = `
.light-mode{--scalar-color-1:#1b1b1b;--scalar-color-2:#4d4d4d;--scalar-color-3:#595959;--scalar-color-accent:#005a9c;
--scalar-color-blue:#005a9c;--scalar-color-green:#00613c;--scalar-color-orange:#9a3400;--scalar-color-yellow:#705400;
--scalar-color-red:#b00000;--scalar-color-purple:#5b3db5}
.dark-mode{--scalar-color-1:#f0f0f0;--scalar-color-2:#c4c4c4;--scalar-color-3:#b5b5b5;--scalar-color-accent:#6cb8ff;
--scalar-color-blue:#6cb8ff;--scalar-color-green:#3fd19b;--scalar-color-orange:#ff9e66;--scalar-color-yellow:#ffd54d;
--scalar-color-red:#ff8f8f;--scalar-color-purple:#c0a8ff}
`;

globalThis.Scalar.createApiReference('#reference', {
  sources: [
    { title: 'SCIM 2.0', slug: 'scim', url: '/openapi-scim.json', default: true },
    { title: 'Admin API', slug: 'admin', url: '/openapi.json' },
  ],
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: 'never',
  persistAuth: false,
  customCss: COLOURS,
});

/** Gives names and states to controls that have none, for readers of the page by ear. */
function completeControls() {
  for (const button of document.querySelectorAll('button.scalar-code-copy:not([aria-label])'))
    button.setAttribute('aria-label', 'Copy');
  for (const button of document.querySelectorAll('button[role="none"]')) button.removeAttribute('role');
  for (const editor of document.querySelectorAll('.cm-content:not([aria-label])'))
    editor.setAttribute('aria-label', 'Content');
  for (const field of document.querySelectorAll('[role="combobox"]:not([aria-expanded])'))
    field.setAttribute('aria-expanded', 'false');
}

new MutationObserver(completeControls).observe(document.body, { childList: true, subtree: true });
