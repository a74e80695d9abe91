// The output of a test run: one line per file when it ends, followed by the details of its failures. The counts are sent to
// scripts/test.mjs, which prints them last; without it (jest run directly) they are printed here.

import { relative } from 'node:path';
import { styleText } from 'node:util';
import { root } from './prepare.mjs';
import { report } from './test-report.mjs';

export default class {
  #counts = none();
  #isLeftOut;

  constructor({ testNamePattern }) {
    const pattern = testNamePattern ? new RegExp(testNamePattern, 'i') : undefined;
    // With `-t`, jest also reports as skipped the tests whose name does not match.
    this.#isLeftOut = (test) => pattern !== undefined && !pattern.test(test.fullName);
  }

  onRunStart() {
    this.#counts = none();
  }

  onTestResult(_test, result) {
    const file = relative(root, result.testFilePath).replace(/^dist\/(.*)\.js$/, '$1.ts');
    const tests = result.testResults.filter((test) => !this.#isLeftOut(test));
    const passed = tests.filter((test) => test.status === 'passed').length;
    const failures = tests.filter((test) => test.status === 'failed').map((test) => test.fullName);
    // The file can't be loaded, or an afterAll hook failed.
    if (result.testExecError || (failures.length === 0 && result.failureMessage)) failures.push('the file itself');
    const skipped = tests.length - passed - tests.filter((test) => test.status === 'failed').length;
    this.#counts.passed += passed;
    this.#counts.failed += failures.length;
    this.#counts.skipped += skipped;
    this.#counts.failures.push(...failures.map((name) => `${file}: ${name}`));
    if (passed + failures.length + skipped === 0) return;
    const seconds = ((result.perfStats.end - result.perfStats.start) / 1000).toFixed(1);
    const mark = failures.length === 0 ? styleText('green', '✔') : styleText('red', '✖');
    const counted = [
      `${passed} passed`,
      failures.length > 0 && `${failures.length} failed`,
      skipped > 0 && `${skipped} skipped`,
    ];
    say(`${mark} ${file}  ${styleText('gray', `${counted.filter(Boolean).join(', ')}, ${seconds} s`)}`);
    for (const { type, message } of result.console ?? [])
      if (failures.length > 0 || type === 'info') say(`  ${message.replaceAll('\n', '\n  ')}`);
    if (failures.length > 0) say(result.failureMessage);
  }

  onRunComplete() {
    if (process.send) process.send(this.#counts);
    else report(this.#counts);
  }
}

function none() {
  return { passed: 0, failed: 0, skipped: 0, failures: [] };
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
