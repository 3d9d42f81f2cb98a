import type { Act, Machine } from '../zone-device-programs.ts';

/** Machine without its kernel, what is done, and the seed of who goes on when. */
type OnZoneDevice = [Omit<Machine, 'version'>, Act[], number];

const act = (op: string, more: Partial<Act> = {}): Act => ({
  ...{ actor: 0, op, at: 0, pages: 1, write: false, anon: false, how: 0 },
  ...more,
});
const far = { at: 511, pages: 512 };

/** By kernel. */
export const interleaved: Readonly<Record<string, OnZoneDevice[]>> = {
  '6.18': [
    // A driver let go of an address space between an invalidation's start and its interval tree.
    [
      { gpu: 'gpu', mode: 'fsdax' },
      [
        act('read'),
        act('munmap'),
        act('device-read', far),
        act('unbind-gpu', { pages: 512 }),
        act('read'),
        act('device-read', far),
      ],
      -441483832,
    ],
  ],
};
