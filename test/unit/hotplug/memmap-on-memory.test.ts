import { describe, expect, it } from 'vitest';
import { dev_dax_kmem_probe } from '../../../src/main/engine/kernel/hotplug/kmem.ts';
import { BLOCK, HotplugMachine } from './hotplug-machine.ts';

const AT = 0x100000000n;
const PFN = 0x100000;
const ON = 'memhp_default_state=offline memory_hotplug.memmap_on_memory=1';

describe('memmap_on_memory', () => {
  it('keeps 512 pages of each block for its memmap: present, never managed', () => {
    const machine = new HotplugMachine('6.12.117', ON);
    expect(machine.do('plug-dimm', { start: AT, size: 3n * BLOCK })).toBe('ok');
    expect(machine.world.at('vmemmap', PFN)).toMatchObject({ phys: AT, source: 'altmap' });
    for (const id of [32, 33, 34]) machine.online(id);
    expect(machine.zone(0, 'Normal')).toEqual([PFN, 98304, 98304, 3 * 32256]);
    expect(machine.world.at('pages', PFN + 511)?.flags).toBe('vmemmap_self_hosted');
    expect(machine.world.at('pages', PFN + 512)?.buddy).toBe(true);
    expect(machine.world.get('vars', 'memory32->altmap')?.value).toBe(
      `${PFN} ${PFN + 32767} 0 512 0 512`,
    );
  });

  it('goes with the block: offline, then removed, nothing of it stays', () => {
    const machine = new HotplugMachine('6.12.117', ON);
    machine.add(AT, 2, { memmap_on_memory: true });
    machine.online(32);
    expect(machine.offline(32)).toBe('ok');
    expect(machine.zone(0, 'Normal')).toEqual([0, 0, 0, 0]);
    expect(machine.remove(AT, 2)).toBe('ok');
    expect(machine.world.get('vars', 'memory32->altmap')).toBeUndefined();
    expect(machine.world.at('vmemmap', PFN)).toBeUndefined();
    expect(machine.logged('Altmap not fully unmapped')).toBe(false);
  });

  it('serves a single block only before 6.8, and nothing before 5.13 or without the parameter', () => {
    const source = (version: string, blocks: number, cmdline = ON): string | undefined => {
      const machine = new HotplugMachine(version, cmdline);
      machine.add(AT, blocks, { memmap_on_memory: true });
      return machine.world.at('vmemmap', PFN)?.source;
    };
    expect(source('6.1.192', 1)).toBe('altmap');
    expect(source('6.1.192', 2)).toBe('ram');
    expect(source('6.12.117', 2)).toBe('altmap');
    expect(source('5.3', 1)).toBe('ram');
    expect(source('6.12.117', 1, 'memhp_default_state=offline')).toBe('ram');
  });
});

describe('kmem', () => {
  const DAX = { node: 1, start: 0x200200000n, size: 638n << 20n, name: 'dax0.0' };

  it('takes whole blocks only, under a region named after the device', () => {
    const machine = new HotplugMachine('6.18');
    expect(machine.do('kmem-bind', DAX)).toBe('ok');
    expect(machine.logged('kmem dax0.0: DAX region truncated by 126 MiB')).toBe(true);
    expect([64, 65, 66, 67, 68, 69].map((id) => machine.block(id)?.split(' ')[0])).toEqual([
      undefined,
      'offline',
      'offline',
      'offline',
      'offline',
      undefined,
    ]);
    const [dax] = [...machine.world.rows('resources')].filter(({ name }) => name === 'dax0.0');
    const ram = [...machine.world.rows('resources')].find(({ name }) => name.endsWith('(kmem)'));
    expect([dax?.start, dax?.end, ram?.parent]).toEqual([0x208000000n, 0x227ffffffn, dax?.id]);
  });

  it('holds its own memmap where its device and the administrator allow it, since 6.8', () => {
    const source = (version: string) => {
      const machine = new HotplugMachine(version, 'memory_hotplug.memmap_on_memory=1');
      machine.bench.call(dev_dax_kmem_probe, {
        ...{ nid: 1, name: 'dax0.0', start: AT, size: BLOCK, memmap_on_memory: true },
      });
      return machine.world.at('vmemmap', PFN)?.source;
    };
    expect(source('6.8')).toBe('altmap');
    expect(source('6.7')).toBe('ram');
  });

  it('takes no memory of an unknown node', () => {
    const machine = new HotplugMachine('6.18');
    const asked = { nid: -1, name: 'dax0.0', start: AT, size: BLOCK };
    expect(machine.bench.call(dev_dax_kmem_probe, asked)).toMatchObject({ errno: 'EINVAL' });
    expect(machine.logged('rejecting DAX region with invalid node: -1')).toBe(true);
  });

  it('gives all of it back when it is offline, else keeps it until the next boot', () => {
    const machine = new HotplugMachine('6.12.117');
    const before = machine.world.count('resources');
    machine.do('kmem-bind', DAX);
    machine.online(66);
    expect(machine.do('kmem-unbind', DAX)).toMatch(/^EBUSY/);
    expect(machine.logged('cannot be hotremoved until the next reboot')).toBe(true);
    machine.offline(66);
    expect(machine.do('kmem-unbind', DAX)).toBe('ok');
    expect(machine.world.count('resources')).toBe(before);
    expect(machine.do('kmem-bind', { ...DAX, size: '100MiB' })).toMatch(/^EINVAL/);
  });
});

describe('unplug-dimm', () => {
  it('brings the blocks back that had gone, as the policy has it, when one will not go', () => {
    const machine = new HotplugMachine('6.12.117');
    const dimm = { start: AT, size: 3n * BLOCK };
    machine.do('plug-dimm', dimm);
    machine.online(32, 'online_movable');
    machine.online(33, 'online_kernel');
    machine.do('alloc-pages', { pfn: PFN + 32768 });
    expect(machine.do('unplug-dimm', dimm)).toMatch(/^EBUSY memory33/);
    expect(machine.logged('memory memory33: Offline failed.')).toBe(true);
    expect([32, 33, 34].map((id) => machine.block(id))).toEqual([
      'online Normal',
      'online Normal',
      'offline Normal Movable',
    ]);
  });
});
