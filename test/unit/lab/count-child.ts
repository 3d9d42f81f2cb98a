/**
 * Checks the texts it is sent, and answers how many blocks of code that took: what it costs on
 * any machine. Libraries' blocks count; what the language itself does is not seen. A process of its own,
 * because code that was compiled before counting begins has no counters.
 */
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/** Blocks that ran since this was asked last. */
async function taken(): Promise<number> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  let blocks = 0;
  for (const { functions } of result) {
    for (const { ranges } of functions) for (const { count } of ranges) blocks += count;
  }
  return blocks;
}

const { prepareLab } = await import('../../../src/main/bench/session/sessions.ts');
const { pluginSet } = await import('../../../src/main/bench/session/plugin-set.ts');
const plugins = await pluginSet(join(import.meta.dirname, '../../..'));
const { scanSource } = await import('../../../src/main/plugins/source-scan.ts');

const work = {
  lab: (text: string) => void prepareLab('large.lab.yaml', text, plugins),
  module: (text: string) => void scanSource(text),
};

process.on('message', ({ what, text }: { what: keyof typeof work; text: string }) => {
  void (async () => {
    await taken();
    work[what](text);
    process.send?.(await taken());
  })();
});
process.send?.('ready');
