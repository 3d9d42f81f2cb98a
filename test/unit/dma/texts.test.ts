import { describe, expect, it } from 'vitest';
import { dmaMappingsText, p2pmemText } from '../../../src/main/engine/lab/inspect/dma-api.ts';
import { oneSwitch, PciBench } from '../p2pdma/pci-bench.ts';

describe('what a kernel shows of DMA', () => {
  it('a line for each segment of a live mapping, with its bucket, and one for each provider', async () => {
    const bench = await PciBench.create({ devices: oneSwitch() });
    const facts = { arch: { page_shift: 12 } } as never;
    expect(dmaMappingsText(bench.world, facts)).toBe('');
    bench.do('nic0', 'map', {
      segments: [
        { address: 0x1000200, size: 4096 },
        { address: 0xf4000000, size: 8192 },
      ],
      dir: 'DMA_TO_DEVICE',
    });
    // Buckets: 0x1000200 >> 13 = 0x800; 0xf4000000 >> 13 = 0x7a000, of which 14 bits are 0x2000.
    expect(dmaMappingsText(bench.world, facts).split('\n')).toEqual([
      'rdma-nic 0000:04:00.0 scatter-gather idx 2048 P=1000200 N=1000 D=1000200 L=1000 DMA_TO_DEVICE dma map error check not applicable NONE',
      'rdma-nic 0000:04:00.0 scatter-gather idx 8192 P=f4000000 N=f4000 D=f4000000 L=2000 DMA_TO_DEVICE dma map error check not applicable BUS_ADDR',
      '',
    ]);
    expect(p2pmemText(bench.world)).toBe(
      '0000:03:00.0 size=67108864 available=67043328 published=1\n',
    );
  });
});
