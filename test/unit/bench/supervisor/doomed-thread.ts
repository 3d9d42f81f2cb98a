/** A thread that dies as its `workerData` says, or as the first word of a command line does, some of it while the code of a plugin runs. */
import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { watchOfThread } from '../../../../src/main/plugins/watch.ts';

const { how, argv } = workerData as { readonly how?: string; readonly argv?: readonly string[] };
const watch = watchOfThread();
const call = watch.number({
  plugin: 'org.example.toy 1.0.0',
  what: 'action go of toy0',
  place: 'toy/index.js:3:5',
  entry: 'go',
});

const kept: number[][] = [];
const keep = () => kept.push(new Array<number>(1000).fill(kept.length));
const ways: Readonly<Record<string, () => void>> = {
  loop: () => {
    watch.enter(call);
    for (;;);
  },
  throw: () => {
    watch.enter(call);
    throw new Error('out of order');
  },
  'throw elsewhere': () => {
    watch.enter(call);
    watch.leave();
    throw new Error('out of order');
  },
  'memory that is nearly full': () => {
    const full = () => {
      const { used_heap_size, heap_size_limit } = getHeapStatistics();
      return used_heap_size / heap_size_limit > 0.9;
    };
    while (!full()) keep();
    for (;;);
  },
  end: () => parentPort?.postMessage('done'),
};
ways[how ?? argv?.[0] ?? '']?.();
