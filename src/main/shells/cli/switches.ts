import { ARCHITECTURES } from '../../../shared/lab/architecture.ts';
import {
  switchesBetween,
  switchesOf,
  toldArchitecture,
  toldKernel,
  toldSwitches,
  type ToldChange,
  type ToldKernel,
  type ToldSwitch,
  valueText,
} from '../../bench/inspect/switches.ts';
import type { Arguments, Terminal, Verb } from './verb.ts';

export const switchesVerb: Verb = {
  name: 'switches',
  operands: '',
  count: [0, 0],
  summary: 'Print what changed for whom between kernels, or the switches of one kernel',
  options: {
    kernel: { value: 'V', text: 'the value of every switch at that version' },
    between: { value: 'A B', kind: 'pair', text: 'what differs, and the commits that lie between' },
    arch: { value: 'A', text: `one of ${ARCHITECTURES.join(', ')}; x86_64 for --kernel` },
    json: { text: 'print as JSON' },
  },
  notes: [
    'A lab sets a switch under `kernel: { switches: { NAME: VALUE } }`. Without options: every',
    'switch with its title, and what it became at which release; (6.1.76) is a stable release that',
    'has the change too, "?" a release that is not confirmed.',
    'JSON: { schema: 1, switches: [{ name, subject, title, values, changes: [{ release, backports,',
    'commits, titled, arch, to, confirmed, between? }] }] }; with --kernel also `kernel: { text,',
    'modelled, assumption? }`, `arch` and the `value` of each; with --between `a`, `b` (kernels),',
    'and of each that differs `arch` (for whom), `from`, `to` and the changes between.',
    'Exit code: 0, or 2 for a kernel or an architecture that is not modelled.',
  ].join('\n'),
  run(given, terminal) {
    const answer = answered(given);
    if ('problem' in answer) {
      terminal.say(`pfnlab: switches: ${answer.problem}`);
      return 2;
    }
    const { kernels, json, blocks } = answer;
    for (const { assumption } of kernels) if (assumption) terminal.say(assumption);
    print(given.switches.has('json') ? JSON.stringify(json, undefined, 2) : blocks, terminal);
    return 0;
  },
};

interface Answer {
  readonly kernels: readonly ToldKernel[];
  readonly json: object;
  readonly blocks: string;
}

function answered(given: Arguments): Answer | { readonly problem: string } {
  const [kernel, pair, named] = [
    given.values.get('kernel'),
    given.pairs.get('between'),
    given.values.get('arch'),
  ];
  if (kernel !== undefined && pair) return { problem: 'it takes one of --kernel, --between' };
  const asked = named === undefined ? undefined : toldArchitecture(named);
  if (asked?.problem !== undefined) return asked;
  const archs = asked && [asked.arch];
  const resolved = [...(kernel === undefined ? [] : [kernel]), ...(pair ?? [])].map(toldKernel);
  const versions = [];
  for (const one of resolved) {
    if (one.problem !== undefined) return one;
    versions.push(one);
  }
  const [a, b] = versions;
  const kernels = versions.map((one) => one.kernel);
  if (a && b) {
    const switches = switchesBetween(a.version, b.version, archs);
    const json = { schema: 1, a: a.kernel, b: b.kernel, switches };
    const title = `from ${a.kernel.modelled} to ${b.kernel.modelled}: ${switches.length} switches differ`;
    const rows = bySubject(switches, ({ name, title: what, arch, from, to, changes }) => [
      `  ${name}: ${valueText(from)} -> ${valueText(to)}${whom(arch, archs ?? ARCHITECTURES)}`,
      `      ${what}`,
      ...changes.flatMap((change) =>
        change.commits.map((commit) => `      ${at(change)}  ${commit}`),
      ),
    ]);
    return { kernels, json, blocks: [title, ...rows].join('\n') };
  }
  if (a) {
    const arch = asked?.arch ?? 'x86_64';
    const switches = switchesOf(a.version, arch);
    const json = { schema: 1, kernel: a.kernel, arch, switches };
    const rows = bySubject(switches, ({ name, title, value }) => [
      `  ${name}: ${valueText(value)}`,
      `      ${title}`,
    ]);
    return { kernels, json, blocks: [`${a.kernel.modelled}, ${arch}`, ...rows].join('\n') };
  }
  const switches = toldSwitches(archs);
  const rows = bySubject(switches, ({ name, title, changes }) => [
    `  ${name}: ${title}`,
    ...changes.map(
      (change) => `      ${at(change)} ${valueText(change.to)}${whom(change.arch, ARCHITECTURES)}`,
    ),
  ]);
  return { kernels, json: { schema: 1, switches }, blocks: rows.join('\n').trimStart() };
}

/** Lines of switches under the title of their subject. */
function bySubject<T extends ToldSwitch>(
  switches: readonly T[],
  lines: (one: T) => readonly string[],
): string[] {
  return switches.flatMap((one, index) =>
    one.subject === switches[index - 1]?.subject ? lines(one) : ['', one.subject, ...lines(one)],
  );
}

/** "6.8 (6.7.3, 6.6.15)", "6.15?": since when. */
function at({ release, confirmed, backports }: ToldChange): string {
  const stable = backports.length === 0 ? '' : ` (${backports.join(', ')})`;
  return `${release}${confirmed ? '' : '?'}${stable}`;
}

function whom(arch: readonly string[], all: readonly string[]): string {
  return arch.length === all.length ? '' : ` (${arch.join(', ')})`;
}

function print(text: string, terminal: Terminal): void {
  terminal.print(`${text}\n`);
}
