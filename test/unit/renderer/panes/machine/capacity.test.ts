import { describe, expect, it } from 'vitest';
import {
  byNode,
  dramBar,
  machineSummary,
  regionBar,
  roundBytes,
  totalText,
  visibleShares,
} from '../../../../../src/renderer/panes/machine/capacity.ts';

const part = (start: number, end: number, label: string) => ({
  id: label,
  label,
  detail: '',
  start,
  end,
  fill: 'type-pmem',
});

describe('capacity bars', () => {
  it('keep parts that are too small to be seen at a least width, and add up to the whole', () => {
    const shares = visibleShares([1, 999]);
    expect(shares[0]).toBeCloseTo(0.04);
    expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1);
  });

  it('show DRAM by zones, and plain RAM before a zone has pages', () => {
    expect(dramBar([])).toEqual([{ label: 'RAM', fill: 'type-ram', share: 1 }]);
    const bar = dramBar([
      { name: 'DMA', present: 3998 },
      { name: 'DMA32', present: 126_944 },
      { name: 'Normal', present: 0 },
    ]);
    expect(bar.map(({ fill }) => fill)).toEqual(['zone-dma', 'zone-dma32']);
  });

  it('show a namespace at the start of its region and the free rest', () => {
    const bar = regionBar(
      { start: '0x100000000', end: '0x13fffffff' },
      [part(0x100000, 0x120000, 'namespace0.0'), part(0x101200, 0x120000, 'dax0.0')],
      4096,
    );
    expect(bar.map(({ label, share }) => [label, share])).toEqual([
      ['namespace0.0', 0.5],
      ['free', 0.5],
    ]);
  });

  it('are empty for a device without memory', () => {
    expect(regionBar(undefined, [], 4096)).toEqual([]);
  });
});

describe('sizes in the topology', () => {
  it('are exact in three digits or marked as rounded', () => {
    expect(totalText([{ start: '0x0', end: '0x3fffffff' }])).toBe('1 GiB');
    expect(roundBytes(2n ** 29n - 395_264n)).toBe('\u2248 512 MiB');
    expect(roundBytes(20n * 2n ** 40n)).toBe('20 TiB');
  });
});

describe('the topology', () => {
  it('hangs devices under their nodes and keeps those of unknown nodes', () => {
    const devices = [{ node: 0 }, { node: 7 }];
    const { of, loose } = byNode([{ nid: 0 }, { nid: 1 }], devices);
    expect(of.get(0)).toEqual([{ node: 0 }]);
    expect(of.get(1)).toEqual([]);
    expect(loose).toEqual([{ node: 7 }]);
  });

  it('is summed up in one line', () => {
    expect(machineSummary(1, 0)).toBe('1 node');
    expect(machineSummary(2, 1)).toBe('2 nodes \u00b7 1 device');
  });
});
