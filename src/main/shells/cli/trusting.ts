import { describeFound, trustFound } from '../../bench/batch/plugins.ts';
import type { Batch, BatchSources } from '../../bench/batch/run.ts';
import { descriptionText } from './plugin/told.ts';
import type { Terminal } from './verb.ts';

/**
 * Does something with a lab. Where it needs strangers' plugins and somebody sits at the terminal, each
 * is shown and asked about; once all are trusted, it is done again.
 */
export async function trusting<T>(
  sources: BatchSources,
  terminal: Terminal,
  body: () => Promise<Batch<T>>,
): Promise<Batch<T>> {
  const done = await body();
  if (done.ok || !terminal.ask || !done.untrusted || done.untrusted.length === 0) return done;
  for (const found of done.untrusted) {
    const plugin = await describeFound(sources, found);
    for (const line of descriptionText(plugin, terminal).trimEnd().split('\n')) terminal.say(line);
    if (!(await terminal.ask(`The lab needs it. Trust ${plugin.id} ${plugin.version}?`)))
      return done;
    const trusted = await trustFound(sources, found);
    if (!trusted.ok) return trusted;
  }
  return body();
}
