import { expect, it } from 'vitest';
import {
  memregion_alloc,
  memregion_free,
} from '../../../src/main/engine/kernel/resource/memregion.ts';
import { smallMachine } from '../pgmap/small-machine.ts';

it('memregion_alloc gives the lowest free number, memregion_free gives it back', () => {
  const { call } = smallMachine();
  const next = () => call(memregion_alloc, { device: 'cxl' });
  expect([next(), next(), next()]).toEqual([0, 1, 2]);
  call(memregion_free, { id: 1 });
  call(memregion_free, { id: 7 });
  expect([next(), next()]).toEqual([1, 3]);
});
