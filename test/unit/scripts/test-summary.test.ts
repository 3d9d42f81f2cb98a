import { describe, expect, it } from 'vitest';
import { addChecks, addCounts, countTests, summaryLine } from '../../../scripts/test-summary.mjs';

const file = (status: string, ...tests: string[]) => ({
  name: 'a.test.ts',
  status,
  assertionResults: tests.map((one) => ({ status: one })),
});

describe('countTests', () => {
  it('counts tests by their outcome; what did not run is skipped', () => {
    const report = {
      success: false,
      testResults: [
        file('failed', 'passed', 'failed', 'pending'),
        file('passed', 'passed', 'todo', 'skipped'),
      ],
    };
    expect(countTests(report, 1)).toEqual({ passed: 2, failed: 1, skipped: 3 });
  });

  it('counts a file that could not be loaded as one failure', () => {
    const report = { success: false, testResults: [file('failed'), file('passed', 'passed')] };
    expect(countTests(report, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it('never reports a failed run without a failure', () => {
    const report = { success: true, testResults: [file('passed', 'passed')] };
    expect(countTests(report, 1).failed).toBe(1);
    expect(countTests(null, 0).failed).toBe(1);
    expect(countTests(report, 0).failed).toBe(0);
  });
});

describe('addCounts', () => {
  it('adds the tests of two reports', () => {
    const a = { passed: 1, failed: 2, skipped: 3 };
    const b = { passed: 10, failed: 20, skipped: 30 };
    expect(addCounts(a, b)).toEqual({ passed: 11, failed: 22, skipped: 33 });
  });
});

describe('addChecks', () => {
  it('counts each other check as one test', () => {
    const tests = { passed: 10, failed: 0, skipped: 2 };
    const counts = addChecks(tests, [{ ok: true }, { ok: false }, { ok: true }]);
    expect(summaryLine(counts)).toBe('12 passed, 1 failed, 2 skipped');
  });
});
