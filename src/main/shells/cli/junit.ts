import type { Verdict } from '../../bench/batch/run.ts';

/** What came of one lab. */
export interface JunitSuite {
  readonly title: string;
  readonly verdicts: readonly Verdict[];
}

/** Expectations as a JUnit report, which build servers show. One expectation is one test case. */
export function junitReport(suites: readonly JunitSuite[]): string {
  const all = suites.flatMap(({ verdicts }) => verdicts);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${all.length}" failures="${all.filter(({ ok }) => !ok).length}">`,
    ...suites.map(suiteText),
    '</testsuites>',
    '',
  ].join('\n');
}

function suiteText({ title, verdicts }: JunitSuite): string {
  const failures = verdicts.filter(({ ok }) => !ok).length;
  const cases = verdicts.map(({ at, want, got, ok, place }) => {
    const { file, line } = place;
    const head = `    <testcase classname="${escape(file)}" name="${escape(at)}" file="${escape(file)}" line="${line}"`;
    if (ok) return `${head}/>`;
    const message = escape(`expected ${want}, got ${got}`);
    return `${head}>\n      <failure message="${message}">${escape(file)}:${line}</failure>\n    </testcase>`;
  });
  const counts = `tests="${verdicts.length}" failures="${failures}"`;
  return [
    `  <testsuite name="${escape(title)}" ${counts} errors="0" skipped="0">`,
    ...cases,
    '  </testsuite>',
  ].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

/** XML 1.0 has no place for other control characters, not even escaped. */
function escape(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"\n]/g, (one) => ENTITIES[one] as string);
}
