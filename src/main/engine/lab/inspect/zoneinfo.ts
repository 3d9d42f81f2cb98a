import type { RowOf } from '../../../../shared/world/tables.ts';
import { since, type KernelVersion } from '../../core/era/version.ts';
import type { Facts } from '../../core/facts.ts';
import type { World } from '../../core/world/world.ts';
import { vmstatNames } from './vmstat-names.ts';

type Zone = RowOf<'zones'>;

/** A figure the machine does not determine. */
const UNKNOWN = '-';

/**
 * Pages the allocator manages, or undefined: the running kernel keeps some of the boot memory for
 * itself, so that only zones without any are determined.
 */
export function determinedManaged(zone: Zone): number | undefined {
  return zone.present_early_pages === 0 ? zone.managed_pages : undefined;
}

function counter(name: string, value: string): string {
  return `\n      ${name.padEnd(12)} ${value}`;
}

/** lowmem_reserve: 0 for zones not above, and where no zone above has pages. */
function protection(zone: Zone, zones: readonly Zone[]): string {
  let above = 0;
  const values = zones.map(({ index, present_pages }) => {
    if (index <= zone.index) return '0';
    above += present_pages;
    return zone.present_pages === 0 || above === 0 ? '0' : UNKNOWN;
  });
  return `\n        protection: (${values.join(', ')})`;
}

function watermarks(zone: Zone, version: KernelVersion): string {
  const empty = zone.present_pages === 0;
  const free = empty ? '0' : UNKNOWN;
  // ZONE_MOVABLE has a floor of 32 pages in newer kernels, whatever its size.
  const mark = empty && zone.name !== 'Movable' ? '0' : UNKNOWN;
  const managed = determinedManaged(zone);
  const line = (name: string, value: string | number): string =>
    `\n        ${name.padEnd(8)} ${value}`;
  return [
    `\n  pages free     ${free}`,
    since(version, '5.14') ? line('boost', empty ? '0' : UNKNOWN) : '',
    line('min', mark),
    line('low', mark),
    line('high', mark),
    since(version, '6.12') ? line('promo', mark) : '',
    since(version, '4.8') ? '' : line('scanned', UNKNOWN),
    line('spanned', zone.spanned_pages),
    line('present', zone.present_pages),
    line('managed', managed ?? UNKNOWN),
    since(version, '5.12') ? line('cma', 0) : '',
  ].join('');
}

function pagesets(cpus: number, version: KernelVersion): string {
  const fields = since(version, '6.18')
    ? ['count:   ', 'high:    ', 'batch:   ', 'high_min:', 'high_max:']
    : ['count:', 'high: ', 'batch:'];
  let text = '\n  pagesets';
  for (let cpu = 0; cpu < cpus; cpu += 1) {
    text += `\n    cpu: ${cpu}`;
    for (const field of fields) text += `\n              ${field} ${UNKNOWN}`;
    text += `\n  vm stats threshold: ${UNKNOWN}`;
  }
  return text;
}

function tail(zone: Zone, version: KernelVersion): string {
  if (since(version, '4.14')) {
    return `\n  node_unreclaimable:  0\n  start_pfn:           ${zone.zone_start_pfn}`;
  }
  return `\n  all_unreclaimable: ${UNKNOWN}\n  start_pfn:         ${zone.zone_start_pfn}\n  inactive_ratio:    ${UNKNOWN}`;
}

/**
 * /proc/zoneinfo in the layout of that kernel (mm/vmstat.c:zoneinfo_show_print). Figures that the
 * machine does not determine are `-`. Before 4.14 empty zones are not listed.
 */
export function zoneinfoText(world: World, facts: Facts): string {
  const { version } = facts.era;
  const names = vmstatNames(version);
  const cpus = facts.machine.nodes.reduce((sum, node) => sum + node.cpus, 0);
  let text = '';
  for (const { nid, online } of world.rows('nodes')) {
    if (!online) continue;
    const zones = facts.arch.zones.flatMap((_, index) => world.get('zones', nid * 8 + index) ?? []);
    const first = zones.find(({ present_pages }) => present_pages > 0);
    for (const zone of zones) {
      const empty = zone.present_pages === 0;
      if (empty && !since(version, '4.14')) continue;
      text += `Node ${nid}, zone ${zone.name.padStart(8)}`;
      if (zone === first && names.node.length > 0) {
        text += '\n  per-node stats';
        for (const name of names.node) text += counter(name, UNKNOWN);
      }
      text += watermarks(zone, version);
      const late = !since(version, '4.14');
      if (!late) text += protection(zone, zones);
      if (empty) {
        text += '\n';
        continue;
      }
      for (const name of names.zone) {
        text += late ? `\n    ${name.padEnd(12)} ${UNKNOWN}` : counter(name, UNKNOWN);
      }
      if (late) text += protection(zone, zones);
      text += `${pagesets(cpus, version)}${tail(zone, version)}\n`;
    }
  }
  return text;
}
