// The end of a test run: the names of the failed tests, and the counts on the last line.

/** Prints the report. Returns false if a test failed or none ran. */
export function report({ passed, failed, skipped, failures }) {
  for (const each of failures) console.log(`FAILED ${each}`);
  if (passed + failed === 0) console.log('No test ran.');
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return failed === 0 && passed > 0;
}
