import { describe, expect, it } from 'vitest';
import { boot, e820, kernel, ONE_GIB } from './booted.ts';

const booted = (cmdline: string, version = '6.12') => boot(kernel(version, cmdline) + ONE_GIB);
const above1M = (cmdline: string, version = '6.12') =>
  e820(booted(cmdline, version).world).slice(3);

describe('boot/parse_memmap_one', () => {
  it('adds each type behind its sign; the larger type number wins where they overlap', () => {
    expect(above1M('memmap=64M$256M')).toEqual([
      '100000-fffffff usable',
      '10000000-13ffffff reserved',
      '14000000-3fffffff usable',
    ]);
    expect(above1M('memmap=1M#256M,1M!512M')).toEqual([
      '100000-fffffff usable',
      '10000000-100fffff acpi',
      '10100000-1fffffff usable',
      '20000000-200fffff pmem-legacy',
      '20100000-3fffffff usable',
    ]);
  });

  it('makes no RAM of what is reserved: RAM has the smallest number', () => {
    const { world } = booted('memmap=4K@0x9f000');
    expect(e820(world)).toContain('9fc00-9ffff reserved');
  });

  it('ends memory at a bare size, and takes exactmap as an empty map', () => {
    expect(above1M('memmap=512M')).toEqual(['100000-1fffffff usable']);
    const { world } = booted('memmap=exactmap,636K@4K,100M@1M');
    expect(e820(world)).toEqual(['1000-9ffff usable', '100000-64fffff usable']);
  });

  it('changes types in place with % since 4.17, and before reads it as a size', () => {
    expect(above1M('memmap=64M%256M-1+2')).toEqual([
      '100000-fffffff usable',
      '10000000-13ffffff reserved',
      '14000000-3fffffff usable',
    ]);
    expect(above1M('memmap=64M%256M-1+2', '4.14')).toEqual(['100000-3ffffff usable']);
  });

  it('answers -EINVAL to what is no size', () => {
    const { steps } = booted('memmap=abc');
    const step = steps.find(({ fn }) => fn === 'parse_memmap_one');
    expect(step?.err).toEqual({ errno: 'EINVAL', check: 'p == oldp' });
  });
});

describe('boot/parse_memopt', () => {
  it('removes RAM above mem=', () => {
    const { world } = booted('mem=256M');
    expect(world.get('vars', 'max_pfn')?.value).toBe(65536);
  });

  it('answers -EINVAL to mem=0 and leaves memory alone', () => {
    const { world, steps } = booted('mem=0');
    expect(steps.find(({ fn }) => fn === 'parse_memopt')?.err?.errno).toBe('EINVAL');
    expect(world.get('vars', 'max_pfn')?.value).toBe(262144);
  });
});

describe('boot/max_pfn', () => {
  it('counts memmap=nn!ss as RAM from 4.1 to 4.9 only', () => {
    const machine = `${kernel('4.3', 'memmap=1G!4G')}${ONE_GIB}`;
    expect(boot(machine).world.get('vars', 'max_pfn')?.value).toBe(0x140000);
    expect(booted('memmap=1G!4G', '4.14').world.get('vars', 'max_pfn')?.value).toBe(262144);
  });
});
