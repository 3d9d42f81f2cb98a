/** What a lab file can get wrong although every field by itself is right. */
import { MAX_PHYS_BITS } from './architecture.ts';
import type { SourceDocument } from './document.ts';
import type { Path, Problem, ProblemCode } from './problem.ts';
import { formatAddress } from './quantity.ts';
import type { ReadLab } from './schema.ts';

interface Interval {
  start: bigint;
  end: bigint;
  path: Path;
  what: string;
}

function byStart(a: Interval, b: Interval): number {
  return a.start < b.start ? -1 : a.start > b.start ? 1 : 0;
}

/** The last of sorted intervals that begins at or before an address. */
function lastUpTo(sorted: readonly Interval[], address: bigint): Interval | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.start ?? 0n) <= address) low = middle + 1;
    else high = middle;
  }
  return sorted[low - 1];
}

/** All problems of a lab that only show between fields, as far as these could be read. */
export function checkLab(lab: ReadLab, document: SourceDocument): Problem[] {
  const problems: Problem[] = [];
  const say = (
    code: ProblemCode,
    path: Path,
    message: string,
    severity: Problem['severity'] = 'error',
  ) => problems.push({ ...document.locate(path), code, severity, message, path });
  const line = (path: Path) => document.locate(path).line;
  const range = (r: { start: bigint; end: bigint }) =>
    `${formatAddress(r.start)}-${formatAddress(r.end)}`;

  const { machine, kernel, devices } = lab;
  const { memory: ranges = [], nodes = [], cpu = {} } = machine;
  const widest = kernel.arch ? MAX_PHYS_BITS[kernel.arch] : 64;
  const { phys_bits = widest } = cpu;
  if (phys_bits < 12 || phys_bits > widest) {
    say(
      'limit',
      ['machine', 'cpu', 'phys_bits'],
      `cpu.phys_bits is ${phys_bits}; ${kernel.arch} has 12 to ${widest}`,
    );
  }

  const within = (r: { start: bigint; end: bigint }, bits: number, path: Path, what: string) => {
    if (r.start > r.end) {
      say(
        'inverted',
        [...path, 'start'],
        `${what} starts at ${formatAddress(r.start)}, after its end ${formatAddress(r.end)}`,
      );
      return false;
    }
    if (r.end >> BigInt(bits) !== 0n) {
      const source = bits === widest ? `the limit of ${kernel.arch}` : `cpu.phys_bits: ${bits}`;
      say(
        'limit',
        path,
        `${what} ends at ${formatAddress(r.end)}, over ${formatAddress((1n << BigInt(bits)) - 1n)} (${source})`,
      );
      return false;
    }
    return true;
  };
  const physBits = Math.min(phys_bits, widest);

  const overlaps = (
    intervals: Interval[],
    clash: (a: Interval, b: Interval) => boolean = () => true,
  ) => {
    const sorted = [...intervals].sort(byStart);
    let reach: Interval | undefined;
    for (const current of sorted) {
      if (reach && current.start <= reach.end && clash(reach, current)) {
        const [earlier, later] =
          line(reach.path) <= line(current.path) ? [reach, current] : [current, reach];
        say(
          'overlap',
          later.path,
          `${later.what} ${range(later)} overlaps ${earlier.what} ${range(earlier)} of line ${line(earlier.path)}`,
        );
      }
      if (!reach || current.end > reach.end) reach = current;
    }
  };

  const memory: Interval[] = [];
  const usable: Interval[] = [];
  for (const [index, entry] of ranges.entries()) {
    if (!entry) continue;
    const path: Path = ['machine', 'memory', index];
    const what = `the ${entry.type} range`;
    // Firmware may reserve addresses the CPU cannot reach; memory beyond them is a mistake.
    const bits = entry.type === 'reserved' ? widest : physBits;
    if (within(entry, bits, path, what)) {
      memory.push({ ...entry, path, what });
      if (entry.type === 'usable') usable.push({ ...entry, path, what });
    }
  }
  overlaps(memory);
  usable.sort(byStart);

  const declared = new Set<number>();
  // A node that could not be read is somewhere: nothing is undeclared then.
  const allKnown = nodes.every((node) => node !== undefined) && nodes.length > 0;
  const undeclared = (node: number) => allKnown && !declared.has(node);
  for (const [index, node] of nodes.entries()) {
    if (node?.id === undefined) continue;
    const path: Path = ['machine', 'nodes', index];
    if (declared.has(node.id))
      say('duplicate', [...path, 'id'], `node ${node.id} is declared twice`);
    declared.add(node.id);
    if (node.distances && node.distances.length !== nodes.length) {
      say(
        'value',
        [...path, 'distances'],
        `node ${node.id} has ${node.distances.length} distances; expected ${nodes.length}, one for each node`,
      );
    }
  }

  const srat: (Interval & { node: number })[] = [];
  for (const [index, entry] of (machine.srat ?? []).entries()) {
    if (!entry) continue;
    const path: Path = ['machine', 'srat', index];
    const what = `the SRAT range of node ${entry.node}`;
    if (undeclared(entry.node)) {
      say('undeclared', [...path, 'node'], `node ${entry.node} is not among machine.nodes`);
    }
    // Hot-pluggable windows of real firmware reach past what the CPU can address.
    if (within(entry, 64, path, what)) srat.push({ ...entry, path, what });
  }
  overlaps(srat, (a, b) => (a as (typeof srat)[0]).node !== (b as (typeof srat)[0]).node);

  const localities = new Set<string>();
  for (const [index, entry] of (machine.hmat ?? []).entries()) {
    if (!entry) continue;
    const path: Path = ['machine', 'hmat', index];
    for (const key of ['initiator', 'target'] as const) {
      if (undeclared(entry[key])) {
        say('undeclared', [...path, key], `node ${entry[key]} is not among machine.nodes`);
      }
    }
    const pair = `${entry.initiator} to ${entry.target}`;
    if (localities.has(pair)) say('duplicate', path, `HMAT says twice how node ${pair} performs`);
    localities.add(pair);
  }

  const windows: Interval[] = [];
  for (const [index, entry] of (machine.cfmws ?? []).entries()) {
    if (!entry) continue;
    const path: Path = ['machine', 'cfmws', index];
    const what = 'the CXL window';
    if (within(entry, physBits, path, what)) windows.push({ ...entry, path, what });
  }
  overlaps(windows);

  for (const [index, table] of (machine.acpi_tables ?? []).entries()) {
    if (!table) continue;
    within(
      table,
      64,
      ['machine', 'acpi_tables', index],
      `the ACPI table ${table.name ?? ''}`.trim(),
    );
  }
  for (const [index, resource] of (machine.resources ?? []).entries()) {
    if (!resource) continue;
    within(resource, 64, ['machine', 'resources', index], `the resource ${resource.name}`);
  }
  for (const [index, update] of (machine.firmware_updates ?? []).entries()) {
    if (!update) continue;
    const path: Path = ['machine', 'firmware_updates', index];
    within(update, 64, path, 'the update');
    if (update.action === 'update' && (update.from === undefined || update.to === undefined)) {
      say('missing', path, 'an update needs `from` and `to`');
    }
  }

  const ids = new Map<string, Path>();
  const placed: Interval[] = [];
  // mem= and memmap= take RAM away, so a device there may be meant; a lab without them has no excuse.
  const trimmed = /(^|\s)(mem|memmap)=/.test(kernel.cmdline ?? '');
  for (const [index, device] of devices.entries()) {
    const path: Path = ['devices', index];
    const { id } = device;
    const first = id === undefined ? undefined : ids.get(id);
    if (first)
      say(
        'duplicate',
        [...path, 'id'],
        `device id \`${id}\` is already used on line ${line(first)}`,
      );
    else if (id !== undefined) ids.set(id, [...path, 'id']);
    if (device.node !== undefined && undeclared(device.node)) {
      say('undeclared', [...path, 'node'], `node ${device.node} is not among machine.nodes`);
    }
    if (!device.range) continue;
    const interval = {
      start: device.range.start,
      end: device.range.start + device.range.size - 1n,
    };
    const what = `the range of ${id}`;
    const rangePath: Path = [...path, 'range'];
    if (!within(interval, physBits, rangePath, what)) continue;
    placed.push({ ...interval, path: rangePath, what });
    const ram = lastUpTo(usable, interval.end);
    if (ram && ram.end >= interval.start) {
      say(
        'overlap',
        rangePath,
        `${what} ${range(interval)} overlaps the usable range ${range(ram)} of line ${line(ram.path)}`,
        trimmed ? 'warning' : 'error',
      );
    }
  }
  overlaps(placed);

  const plugins = new Set<string>();
  for (const [index, plugin] of lab.plugins.entries()) {
    if (!plugin) continue;
    if (plugins.has(plugin.id))
      say('duplicate', ['plugins', index, 'id'], `plugin ${plugin.id} is listed twice`);
    plugins.add(plugin.id);
  }
  if (machine.memory && ranges.every((entry) => entry && entry.type !== 'usable')) {
    say(
      'no-memory',
      ['machine', 'memory'],
      'the machine has no usable memory, so no kernel can boot on it',
      'warning',
    );
  }
  return problems;
}
