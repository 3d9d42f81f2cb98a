import { exploreLab, type ExploredLab, type FoundBreakage } from '../../bench/batch/explore.ts';
import { loadLab } from './load.ts';
import { sourcesOf } from './sources.ts';
import { trusting } from './trusting.ts';
import { writeOutput } from './output-file.ts';
import type { Verb } from './verb.ts';

const DEPTH = 10_000;
const BUDGET = 1_000_000;

export const exploreVerb: Verb = {
  name: 'explore',
  operands: 'LAB',
  count: [1, 1],
  summary: 'Try the interleavings of what runs concurrently',
  options: {
    depth: {
      value: 'N',
      kind: 'number',
      text: `try other orders up to that many moves in (${DEPTH})`,
    },
    budget: {
      value: 'STEPS',
      kind: 'number',
      text: `make that many moves in all at most (${BUDGET})`,
    },
    out: { value: 'FILE', text: 'write the lab with the shortest schedule that breaks something' },
    json: { text: 'print the result as JSON' },
  },
  notes: [
    'Begins where the first `concurrently` block of the program does, when no function runs. The',
    "lab's own schedule is set aside. Orders that differ only in independent moves are tried once.",
    'What counts as broken: an invariant, a deadlock, an expectation of the lab (those about',
    'invariants aside), an operation that fails and nothing names its error. Exit code: 0 when nothing breaks, 1 when something does, 2 for a lab that',
    'cannot be used.',
  ].join('\n'),
  async run(given, terminal) {
    const [name = ''] = given.operands;
    const text = loadLab(name, terminal);
    if (text === undefined) return 2;
    const depth = given.numbers.get('depth') ?? DEPTH;
    const budget = given.numbers.get('budget') ?? BUDGET;
    const sources = sourcesOf(given, terminal, name);
    const explored = await trusting(sources, terminal, () =>
      exploreLab(name, text, sources, { depth, budget }),
    );
    if (!explored.ok) {
      for (const problem of explored.problems) terminal.say(problem);
      return 2;
    }
    const { value } = explored;
    for (const warning of value.warnings) terminal.say(warning);
    if (given.switches.has('json'))
      terminal.print(`${JSON.stringify(asJson(value), undefined, 2)}\n`);
    else terminal.print(`${lines(name, value).join('\n')}\n`);
    const [shortest] = value.breakages;
    const out = given.values.get('out');
    if (out !== undefined && shortest && !writeOutput(out, shortest.lab, terminal)) return 2;
    if (out !== undefined && !shortest) terminal.say(`${out}: not written, nothing breaks`);
    return shortest ? 1 : 0;
  },
};

const number = (value: number): string => value.toLocaleString('en');

function counted(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

function lines(name: string, explored: ExploredLab): string[] {
  const { actors, from, interleavings, redundant, moves, hashes, breakages } = explored;
  const found = [
    `${name}: ${actors.join(', ')} from step ${from + 1} on`,
    `${counted(interleavings, 'interleaving')}, ${number(redundant)} more given up as seen before, ${counted(moves, 'move')}: ${reach(explored)}`,
    counted(hashes.size, 'final state'),
  ];
  if (breakages.length === 0) found.push('nothing breaks');
  for (const breakage of breakages) found.push('', ...breakageLines(breakage));
  return found;
}

function reach({ exhaustive, limit }: ExploredLab): string {
  if (exhaustive) return 'exhaustive';
  return limit === 'depth'
    ? 'not exhaustive, other orders beyond --depth were not tried'
    : 'not exhaustive, --budget is used up';
}

function breakageLines({ broken, stretches, switches }: FoundBreakage): string[] {
  const { kind, about, sentence, fn, actor } = broken;
  const title = kind === 'invariant' ? `breaks ${about}` : kind;
  const where = fn === '' ? '' : ` in ${fn} of ${actor}`;
  const said = sentence.startsWith(`${title}: `) ? sentence : `${title}${where}: ${sentence}`;
  const steps = (stretches.at(-1)?.last ?? 0) - (stretches[0]?.first ?? 1) + 1;
  const rows = stretches.map(({ actor: who, first, last, from, to }) => {
    const range = first === last ? `step ${first}` : `steps ${first}-${last}`;
    return [who, range, from === to ? from : `${from} ... ${to}`];
  });
  const widths = [0, 1].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return [
    said,
    `the shortest schedule: ${counted(steps, 'step')}, ${counted(switches, 'choice')}`,
    ...rows.map(
      ([who = '', range = '', fns = '']) =>
        `  ${who.padEnd(widths[0] ?? 0)}  ${range.padEnd(widths[1] ?? 0)}  ${fns}`,
    ),
  ];
}

/** What `--json` prints. */
function asJson(explored: ExploredLab): object {
  const { actors, from, interleavings, redundant, moves, exhaustive, limit, hashes } = explored;
  return {
    schema: 1,
    actors,
    from,
    interleavings,
    redundant,
    moves,
    exhaustive,
    ...(limit ? { limit } : {}),
    final_states: [...hashes].sort(),
    broken: explored.breakages.map(({ broken, choices, switches, stretches }) => ({
      ...broken,
      steps: (stretches.at(-1)?.last ?? from) - from,
      switches,
      schedule: choices,
    })),
  };
}
