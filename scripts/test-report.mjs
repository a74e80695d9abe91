// The end of a test run: what failed, by name, and the counts as the last line.

/** Prints it; false if anything failed or nothing ran. */
export function report({ passed, failed, skipped, failures }) {
  for (const each of failures) console.log(`FAILED ${each}`);
  if (passed + failed === 0) console.log('No test ran.');
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return failed === 0 && passed > 0;
}
