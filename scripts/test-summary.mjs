// Turns vitest's JSON report and the results of the other checks into one line of numbers.

/**
 * @typedef {object} VitestReport the part of vitest's JSON report that is read here
 * @property {{ name: string, status: string, assertionResults: { status: string }[] }[]} testResults
 * @property {boolean} success
 */

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * Counts the tests of a report. A file that could not be loaded has no tests and counts as one
 * failure; so does a run that failed without any failed test (an unhandled error), or left no
 * report at all.
 *
 * @param {VitestReport | null} report null when vitest wrote none
 * @param {number} exitCode of vitest
 * @returns {Counts}
 */
export function countTests(report, exitCode) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report?.testResults ?? []) {
    for (const test of file.assertionResults) {
      if (test.status === 'passed') counts.passed += 1;
      else if (test.status === 'failed') counts.failed += 1;
      else counts.skipped += 1;
    }
    const hasFailedTest = file.assertionResults.some((test) => test.status === 'failed');
    if (file.status === 'failed' && !hasFailedTest) counts.failed += 1;
  }
  if (counts.failed === 0 && (report === null || exitCode !== 0)) counts.failed = 1;
  return counts;
}

/**
 * @param {Counts} a
 * @param {Counts} b
 * @returns {Counts}
 */
export function addCounts(a, b) {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

/**
 * Adds the other checks, each as one test.
 *
 * @param {Counts} tests
 * @param {readonly { ok: boolean }[]} checks
 * @returns {Counts}
 */
export function addChecks(tests, checks) {
  const passed = checks.filter((check) => check.ok).length;
  return {
    passed: tests.passed + passed,
    failed: tests.failed + checks.length - passed,
    skipped: tests.skipped,
  };
}

/**
 * @param {Counts} counts
 * @returns {string}
 */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
