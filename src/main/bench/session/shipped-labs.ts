import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OutputOf } from '../../../shared/bench/commands.ts';
import { parseLab } from '../../../shared/lab/parse.ts';

/** Topics in the order in which to meet them; labs of others come last. */
const TOPICS: readonly string[] = [
  'First steps',
  'Memory models',
  'Boot',
  'Allocation',
  'Hotplug',
  'Processes',
  'Holding pages',
  'Pagemaps',
  'Persistent memory',
  'Device memory',
  'Movability',
  'Peer to peer',
  'DMA',
  'Races',
  'hmm-tests',
];

const SUFFIX = '.lab.yaml';

/** Paths of all labs below a folder, sorted, with `/` on every platform. */
export function labFiles(folder: string): string[] {
  let entries: string[];
  try {
    entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
  return entries
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.replaceAll('\\', '/'))
    .sort();
}

function rank(topic: string): number {
  const at = TOPICS.indexOf(topic);
  return at < 0 ? TOPICS.length : at;
}

/** The labs that ship, by topic, then by file name. */
export function shippedLabs(folder: string): OutputOf<'labShipped'>['labs'] {
  const labs = labFiles(folder).map((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const { lab } = parseLab(text, name);
    return { name, title: lab?.title || name, topic: lab?.topic || 'Others', text };
  });
  return labs.sort(
    (a, b) => rank(a.topic) - rank(b.topic) || (a.topic < b.topic ? -1 : Number(a.topic > b.topic)),
  );
}
