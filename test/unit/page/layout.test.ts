import { describe, expect, it } from 'vitest';
import { problemsOf, factsOf, type Machine } from '../memmodel/boot-lab.ts';
import { encodeFlags, flagsField, layoutOf } from '../../../src/main/engine/kernel/page/flags.ts';

const ram: Machine['ram'] = [[0n, 0x3fffffffn]];

/** PG_ flags, widths of section, node, zone, last_cpupid, kasan and lru_gen, then unused bits. */
function shape(machine: Omit<Machine, 'ram'>) {
  const facts = factsOf({ ...machine, ram });
  const { fields, flags } = layoutOf(facts);
  const widths = fields.slice(0, 6).map(({ width }) => width);
  const used = flags.length + widths.reduce((sum, width) => sum + width, 0);
  return {
    widths: [flags.length, ...widths, facts.arch.bits_per_long - used],
    shifts: fields.slice(0, 4).map(({ shift, width }) => (width > 0 ? shift : null)),
  };
}

describe('page/flagsLayout: worked by hand from the kernel\u2019s rules', () => {
  it('4.3 x86_32 PAE classic sparse: seven bits of section leave none for the node', () => {
    const config = { NUMA: 'y', NODES_SHIFT: 3 };
    const kernel = { version: '4.3', arch: 'x86_32', model: 'sparsemem' };
    expect(shape({ ...kernel, config: { ...config, TRANSPARENT_HUGEPAGE: 'n' } })).toEqual({
      widths: [22, 7, 0, 2, 0, 0, 0, 1],
      shifts: [25, null, 23, null],
    });
    expect(shape({ ...kernel, config: { ...config, TRANSPARENT_HUGEPAGE: 'y' } })).toEqual({
      widths: [23, 7, 0, 2, 0, 0, 0, 0],
      shifts: [25, null, 23, null],
    });
    expect(layoutOf(factsOf({ ...kernel, config, ram })).node_not_in_page_flags).toBe(true);
  });

  it('4.3 x86_64 classic sparse with 8192 CPUs: the last cpupid falls out of the word', () => {
    const got = shape({ version: '4.3', model: 'sparsemem' });
    expect(got.widths).toEqual([27, 19, 10, 2, 0, 0, 0, 6]);
    expect(got.shifts).toEqual([45, 35, 33, null]);
  });

  it('6.12 arm64 with MTE: hardware tags take four bits, software tags eight', () => {
    const config = { NODES_SHIFT: 4, NR_CPUS: 512, ARM64_MTE: 'y' };
    const kernel = { version: '6.12', arch: 'arm64' };
    expect(shape({ ...kernel, config: { ...config, KASAN_HW_TAGS: 'y' } })).toEqual({
      widths: [25, 0, 4, 3, 17, 4, 3, 8],
      shifts: [null, 60, 57, 40],
    });
    expect(shape({ ...kernel, config: { ...config, KASAN_SW_TAGS: 'y' } })).toEqual({
      widths: [25, 0, 4, 3, 17, 8, 3, 4],
      shifts: [null, 60, 57, 40],
    });
  });

  it('6.12 x86_64 with 6 node bits and 512 CPUs', () => {
    const got = shape({ version: '6.12', config: { NODES_SHIFT: 6, NR_CPUS: 512 } });
    expect(got.widths).toEqual([23, 0, 6, 3, 17, 0, 3, 12]);
    expect(got.shifts).toEqual([null, 58, 55, 38]);
  });

  it('a page of classic sparse carries its section, zone and node', () => {
    const facts = factsOf({ version: '4.3', model: 'sparsemem', ram });
    const word = encodeFlags(facts, { zone: 2, nid: 5, flags: [], section: 39 });
    expect(flagsField(facts, word, 'section')).toEqual({ value: 39n, shift: 45 });
    expect(flagsField(facts, word, 'node')).toEqual({ value: 5n, shift: 35 });
    expect(flagsField(facts, word, 'zone')).toEqual({ value: 2n, shift: 33 });
  });
});

describe('4.3: ZONE_DEVICE and ZONE_DMA share a zone field of two bits', () => {
  const kernel = { version: '4.3', ram };

  it('both are refused, at the configuration', () => {
    const problems = problemsOf({ ...kernel, config: { ZONE_DEVICE: 'y' } });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.path).toBe('kernel.config');
    expect(problems[0]?.message).toContain('depends on !ZONE_DMA until 4.5');
  });

  it('ZONE_DEVICE is granted for ZONE_DMA, and there are four zones', () => {
    const facts = factsOf({ ...kernel, config: { ZONE_DEVICE: 'y', ZONE_DMA: 'n' } });
    expect(facts.arch.zones).toEqual(['DMA32', 'Normal', 'Movable', 'Device']);
    expect(layoutOf(facts).fields.find(({ name }) => name === 'zone')?.width).toBe(2);
  });

  it('4.14 has both, with a third bit', () => {
    const facts = factsOf({ version: '4.14', ram });
    expect(facts.arch.zones).toEqual(['DMA', 'DMA32', 'Normal', 'Movable', 'Device']);
    expect(layoutOf(facts).fields.find(({ name }) => name === 'zone')?.width).toBe(3);
  });
});
