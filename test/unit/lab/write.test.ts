import { describe, expect, it } from 'vitest';
import { parseLab } from '../../../src/shared/lab/parse.ts';
import { writeLab } from '../../../src/shared/lab/write.ts';

const TEXT = `pfnlab: 1
title: as a person writes it
kernel: { version: "6.12", arch: x86_64, model: sparsemem-vmemmap }
machine:
  cpu: { phys_bits: 46, vendor: Intel, hypervisor: true }
  memory:
    - { start: 0x1000, end: 0x9fbff, type: usable }
    - { start: 0x100000, end: 0x7ffdffff, type: usable }
  nodes:
    - { id: 0, cpus: 2, distances: [ 10 ] }
  srat:
    - { start: 0x0, end: 0x7fffffff, node: 0, hotplug: true }
  memory_increment: 256MiB
devices:
  - { id: nvdimm0, model: nvdimm, node: 0, range: { start: 0x100000000, size: 1GiB } }
seed: 7
program:
  - boot
  - nvdimm0.create-namespace: { mode: fsdax, map: dev }
  - { actor: app, do: pin, va: 0x7f0000000000, pages: 512, expect: { errno: EOPNOTSUPP } }
  - expect:
      - page: { pfn: 0x101200, zone: Device, refcount: 1 }
expect:
  - zone: { node: 0, zone: Device, start_pfn: 0x100000, spanned: 262144, present: 0 }
`;

describe('lab/write', () => {
  it('writes a lab the way a person would, and unchanged when it was', () => {
    const { lab } = parseLab(TEXT, 'a.lab.yaml');
    expect(lab && writeLab(lab)).toBe(TEXT);
  });

  it('puts comments at the head and above top-level keys', () => {
    const { lab } = parseLab(TEXT, 'a.lab.yaml');
    const text = lab ? writeLab(lab, { '': ' made by a test', expect: ' results' }) : '';
    expect(text.startsWith('# made by a test\n')).toBe(true);
    expect(text).toContain('\n# results\nexpect:\n');
    expect(parseLab(text, 'b').problems).toEqual([]);
  });

  it('quotes what YAML would read as something else', () => {
    const { lab } = parseLab(TEXT, 'a.lab.yaml');
    if (!lab) throw new Error('no lab');
    lab.title = 'yes: # 0x10';
    lab.kernel.cmdline = 'console=ttyS0 memmap=64M$256M "a b"';
    const again = parseLab(writeLab(lab), 'b').lab;
    expect(again?.title).toBe('yes: # 0x10');
    expect(again?.kernel.cmdline).toBe('console=ttyS0 memmap=64M$256M "a b"');
  });
});
