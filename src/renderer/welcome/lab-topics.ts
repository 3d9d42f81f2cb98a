import type { OutputOf } from '../../shared/bench/commands.ts';

type ShippedLab = OutputOf<'labShipped'>['labs'][number];

/** Labs of one topic, in the order the bench lists them. */
export interface Topic {
  readonly topic: string;
  readonly labs: readonly ShippedLab[];
}

/** Labs by topic; only those with every word of `filter` in title, topic or name. */
export function labTopics(labs: readonly ShippedLab[], filter: string): Topic[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const topics = new Map<string, ShippedLab[]>();
  for (const lab of labs) {
    const text = `${lab.title} ${lab.topic} ${lab.name}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    const found = topics.get(lab.topic);
    if (found) found.push(lab);
    else topics.set(lab.topic, [lab]);
  }
  return [...topics].map(([topic, found]) => ({ topic, labs: found }));
}
