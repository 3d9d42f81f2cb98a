import { compareSessions } from '../../bench/batch/compare.ts';
import { loadView } from './load.ts';
import type { Verb } from './verb.ts';

export const compareVerb: Verb = {
  name: 'compare',
  operands: 'A B',
  count: [2, 2],
  summary: 'Print from which step on two runs differ, and in what they end differently',
  options: {},
  notes: 'Exit code: 0 when they are the same, 1 when they differ.',
  async run(given, terminal) {
    const [a = '', b = ''] = given.operands;
    const views = [await loadView(a, given, terminal), await loadView(b, given, terminal)];
    const [left, right] = views;
    if (!left || !right) return 2;
    const { equal, lines } = compareSessions(left.session, right.session);
    terminal.print([`A  ${a}`, `B  ${b}`, ...lines, ''].join('\n'));
    return equal ? 0 : 1;
  },
};
