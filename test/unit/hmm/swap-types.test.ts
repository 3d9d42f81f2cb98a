import { describe, expect, test } from 'vitest';
import { swapTypes } from '../../../src/main/engine/kernel/hmm/swap-types.ts';
import { smallMachine } from '../pgmap/small-machine.ts';

function budget(version: string, config: Record<string, string> = {}) {
  return swapTypes(smallMachine(version, { DEVICE_PRIVATE: 'y', ...config }).facts);
}

describe('types of swap entries', () => {
  // include/linux/swap.h: 32 less those of poison, migration, devices, markers and errors.
  test.each([
    ['4.3', 29],
    ['4.14', 27],
    ['5.10', 27],
    ['5.14', 25],
    ['6.1', 22],
    ['6.12', 23],
    ['7.2', 24],
  ])('kernel %s leaves %i for swap files', (version, files) => {
    expect(budget(version).max_swapfiles).toBe(files);
  });

  test('ascend from poison on; devices have write before read, migration read before write', () => {
    const { types } = budget('6.12');
    const at = (name: string) => types.find((type) => type.name === name)?.type ?? NaN;
    expect(at('SWP_HWPOISON')).toBe(23);
    expect(at('SWP_MIGRATION_READ')).toBeLessThan(at('SWP_MIGRATION_WRITE'));
    expect(at('SWP_DEVICE_WRITE')).toBeLessThan(at('SWP_DEVICE_READ'));
    expect(at('SWP_PTE_MARKER')).toBe(31);
  });

  test('devices take none where the kernel was built without private memory', () => {
    expect(budget('6.12', { DEVICE_PRIVATE: 'n' }).max_swapfiles).toBe(27);
  });
});
