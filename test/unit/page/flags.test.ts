import { describe, expect, it } from 'vitest';
import { x86_64 } from '../../../src/main/engine/core/arch/x86_64.ts';
import { encodeFlags, explainFlags } from '../../../src/main/engine/kernel/page/flags.ts';
import { flagsLayout } from '../../../src/main/engine/kernel/page/layout.ts';
import { factsOf, kernel, ONE_GIB } from '../boot/booted.ts';

const facts = (version: string) => factsOf(kernel(version) + ONE_GIB);

describe('page/flags word of a device page, as captures of real kernels have it', () => {
  for (const [version, word] of [
    ['6.1.192', 0x27ffffc0001000n],
    ['6.12.117', 0x27ffffc0002000n],
    ['6.18', 0x27ffffc0002000n],
    ['7.2', 0x27ffffc0002000n],
  ] as const) {
    it(`${version}: zone Device, node 0, no last cpupid, PG_reserved`, () => {
      const k = facts(version);
      const zone = k.arch.zones.indexOf('Device');
      expect(encodeFlags(k, { zone, nid: 0, flags: ['reserved'] })).toBe(word);
    });
  }
});

describe('page/explainFlags', () => {
  it('takes a word apart into fields and bits', () => {
    const { fields, bits } = explainFlags(facts('6.18'), 0x27ffffc0002000n);
    const field = (name: string) => fields.find((f) => f.name === name);
    expect(field('zone')).toMatchObject({ high: 53, low: 51, value: 4n, meaning: 'Device' });
    expect(field('node')).toMatchObject({ high: 63, low: 54, value: 0n });
    expect(field('last_cpupid')).toMatchObject({ high: 50, low: 30, meaning: 'not set' });
    expect(bits.filter(({ set }) => set)).toEqual([{ bit: 13, name: 'PG_reserved', set: true }]);
  });

  it('covers every bit of the word once', () => {
    for (const version of ['4.3', '4.14', '4.18', '5.3', '5.14', '6.1', '6.12', '7.2']) {
      const { fields } = explainFlags(facts(version), 0n);
      const width = fields.reduce((sum, { high, low }) => sum + high - low + 1, 0);
      expect([version, width, fields[0]?.high]).toEqual([version, 64, 63]);
    }
  });
});

describe('page/flagsLayout: worked layouts', () => {
  const layout = (
    version: [number, number],
    config: Record<string, string | number>,
    sections = 0,
  ) => {
    const v = { major: version[0], minor: version[1], point: 0 };
    const all = {
      NUMA: 'y',
      NUMA_BALANCING: 'y',
      MEMORY_FAILURE: 'y',
      ZONE_DMA: 'y',
      ZONE_DMA32: 'y',
      ...config,
    };
    return flagsLayout(x86_64(v, all, false), v, all, sections);
  };
  const shape = ({ fields, flags }: ReturnType<typeof layout>) => [
    flags.length,
    ...fields.map(({ width, shift }) => `${width}@${shift}`),
  ];

  it('4.3 with 64 CPUs and 6 node bits', () => {
    const got = layout([4, 3], { NODES_SHIFT: 6, NR_CPUS: 64, TRANSPARENT_HUGEPAGE: 'y' });
    expect(shape(got).slice(0, 5)).toEqual([25, '0@0', '6@58', '2@56', '14@42']);
  });

  it('4.3 with 8192 CPUs and idle tracking', () => {
    const got = layout([4, 3], {
      NODES_SHIFT: 10,
      NR_CPUS: 8192,
      PAGE_IDLE_FLAG: 'y',
      TRANSPARENT_HUGEPAGE: 'y',
    });
    expect(shape(got).slice(0, 5)).toEqual([27, '0@0', '10@54', '2@52', '21@31']);
  });

  it('4.3 classic sparse: the last cpupid does not fit and leaves the word', () => {
    const config = {
      NODES_SHIFT: 10,
      NR_CPUS: 8192,
      PAGE_IDLE_FLAG: 'y',
      TRANSPARENT_HUGEPAGE: 'y',
    };
    expect(shape(layout([4, 3], config, 19)).slice(0, 5)).toEqual([
      27,
      '19@45',
      '10@35',
      '2@33',
      '0@0',
    ]);
  });

  it('6.12 with five zones, 8192 CPUs, LRU_GEN and idle tracking', () => {
    const got = layout([6, 12], {
      NODES_SHIFT: 10,
      NR_CPUS: 8192,
      ZONE_DEVICE: 'y',
      LRU_GEN: 'y',
      PAGE_IDLE_FLAG: 'y',
    });
    expect(shape(got).slice(0, 7)).toEqual([23, '0@0', '10@54', '3@51', '21@30', '0@0', '3@27']);
  });

  it('4.3 has no third zone bit: ZONE_DEVICE beside ZONE_DMA does not compile', () => {
    const got = layout([4, 3], { NODES_SHIFT: 6, NR_CPUS: 64, ZONE_DEVICE: 'y' });
    expect(got.problem).toBe('5 zones do not fit the 2-bit zone field of this kernel');
  });
});
