// The checks of conformance tools that this server fails on purpose, each with the rule that it contradicts and a test that the
// failure is exactly the expected one. The reasons in full: docs/decisions/0004-conformance-checks.md.

const MOBIETRAIN_USER = 'urn:ietf:params:scim:schemas:extension:mobietrain:2.0:User';
const LISTS = ['stores', 'userGroups', 'enrollmentProfiles', 'organizations'];
const CHANGES = ['check_add_attribute', 'check_replace_attribute'];

const EXCEPTIONS = [
  {
    rule: 'RFC 7644 §3.5.2.1: add to a list appends; what was there stays',
    holds: ({ tool, check, reason }) => {
      const values = comparison(reason);
      const isList = LISTS.some((name) => values?.path === `${MOBIETRAIN_USER}:${name}`);
      if (tool !== 'scim2-tester' || check !== 'check_add_attribute' || !isList) return false;
      // The value that was added is the last one, unchanged.
      return values.returned.endsWith(`, ${values.patched.slice(1)}`);
    },
  },
  {
    rule: 'the flat attributes and the lists show the same links, so the two can not differ; the flat one wins',
    holds: ({ tool, check, reason }) => {
      const values = comparison(reason);
      if (tool !== 'scim2-tester' || !CHANGES.includes(check) || values?.path !== MOBIETRAIN_USER) return false;
      return withoutLinks(values.patched) === withoutLinks(values.returned);
    },
  },
  {
    rule: 'a member that does not exist is 400: the check adds "fake-member-id"',
    holds: ({ tool, check, reason }) =>
      tool === 'scim-sanity' && check === 'PATCH /Groups/{id} add member' && reason === 'Expected 200, got 400',
  },
];

/** The rule that explains a failed check, or undefined if it is a failure of the server. */
export function exceptionOf(result) {
  return EXCEPTIONS.find(({ holds }) => holds(result))?.rule;
}

/** What scim2-tester sent, and what came back. */
function comparison(reason) {
  const [, path, patched, returned] =
    /^PATCH modify\(\) returned unexpected value for '([^']+)'\.\nPatched value: (.*)\nReturned value: (.*)\n?$/.exec(
      reason,
    ) ?? [];
  return path === undefined ? undefined : { path, patched, returned };
}

/** The text of an extension's value without the two lists, and without the tool's own note of schemas. */
function withoutLinks(text) {
  return text.replaceAll(/\b(?:stores|user_groups|schemas)=\[[^\]]*\] /g, '');
}
