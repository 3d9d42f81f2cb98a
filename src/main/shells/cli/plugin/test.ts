import { resolve } from 'node:path';
import { checkPlugin } from '../../../bench/batch/plugins.ts';
import { testPlugin } from '../../../bench/batch/plugin-test.ts';
import { junitReport } from '../junit.ts';
import { writeOutput } from '../output-file.ts';
import { sourcesOf } from '../sources.ts';
import type { Verb } from '../verb.ts';

export const testVerb: Verb = {
  name: 'plugin test',
  operands: 'PLUGIN',
  count: [1, 1],
  summary: 'Run the labs of a plugin and check what they expect',
  options: { junit: { value: 'FILE', text: 'write what came of each lab as a JUnit report' } },
  notes: [
    'Every *.lab.yaml in the folder or packed file is run twice, the second time with a new machine for',
    'each call of a model, and both runs must come out the same.',
    'Exit code: 0 when all of it holds, 1 when something does not, 2 for a plugin that cannot be used',
    'or has no lab.',
  ].join('\n'),
  async run(given, terminal) {
    const [shown = ''] = given.operands;
    const path = resolve(terminal.folder, shown);
    const checked = await checkPlugin(path, shown);
    const tested =
      checked.problems.length > 0
        ? { ok: false as const, problems: checked.problems }
        : await testPlugin(path, shown, sourcesOf(given, terminal));
    if (!tested.ok) {
      for (const problem of tested.problems) terminal.say(problem);
      return 2;
    }
    const labs = tested.value;
    if (labs.length === 0) {
      terminal.say(`${shown}: there is no lab (*.lab.yaml) in it`);
      return 2;
    }
    for (const { name, title, judged, warnings, hash } of labs) {
      for (const warning of warnings) terminal.say(warning);
      const failed = judged.filter(({ ok }) => !ok);
      for (const { at, want, got, place } of failed) {
        terminal.say(
          `${place.file}:${place.line}:${place.column}: ${at}: expected ${want}, got ${got}`,
        );
      }
      const held = judged.length - failed.length;
      terminal.say(`${name}: ${title}: ${held} of ${judged.length} hold, state ${hash || 'none'}`);
    }
    const junit = given.values.get('junit');
    const suites = labs.map(({ title, judged }) => ({ title, verdicts: judged }));
    if (junit !== undefined && !writeOutput(junit, junitReport(suites), terminal)) return 2;
    return labs.every(({ judged }) => judged.every(({ ok }) => ok)) ? 0 : 1;
  },
};
