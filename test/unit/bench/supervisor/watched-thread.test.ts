import { describe, expect, it } from 'vitest';
import {
  WatchedThread,
  type ThreadFault,
} from '../../../../src/main/bench/supervisor/watched-thread.ts';

const FILE = new URL('./doomed-thread.ts', import.meta.url);

/** What is told of a thread that ends this way, and what it said before. */
function fate(how: string): Promise<{ fault: ThreadFault | undefined; said: unknown[] }> {
  const said: unknown[] = [];
  return new Promise((resolve) => {
    new WatchedThread(FILE, {
      data: { how },
      cpuLimit: 200,
      limits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 },
      memoryShare: 0.85,
      message: (message) => said.push(message),
      ended: (fault) => resolve({ fault, said }),
    });
  });
}

const GO = {
  plugin: 'org.example.toy 1.0.0',
  what: 'action go of toy0',
  place: 'toy/index.js:3:5',
  entry: 'go',
};

describe('WatchedThread: whatever way a thread dies, its end is told once, with who it was', () => {
  it.each([
    [
      'loop',
      'toy/index.js:3:5: org.example.toy 1.0.0, action go of toy0, had 0.2 s of CPU time without a request and was ended',
      GO,
    ],
    [
      'throw',
      'toy/index.js:3:5: org.example.toy 1.0.0, action go of toy0, ended the engine: out of order',
      GO,
    ],
    ['throw elsewhere', 'the engine stopped: out of order', undefined],
    ['memory that is nearly full', 'the engine stopped: it ran out of memory', undefined],
  ])('%s', async (how, message, call) => {
    expect(await fate(how)).toEqual({ fault: { message, call }, said: [] });
  });

  it('a thread that has done its work ends without a fault', async () => {
    expect(await fate('end')).toEqual({ fault: undefined, said: ['done'] });
  });
});
