import type { Kernel } from '../../core/facts.ts';
import { call, fail, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { memparse, parseArgs } from '../../core/command-line.ts';
import {
  e820PrintTable,
  e820RangeAdd,
  e820RangeRemove,
  e820RangeUpdate,
  e820TypeName,
} from './e820-table.ts';

const ULLONG_MAX = (1n << 64n) - 1n;

/** userdef in arch/x86/kernel/e820.c: the command line changed the map. */
function userdef(k: Kernel): void {
  k.world.put('vars', { name: 'userdef', value: true });
}

function einval(check: string): Outcome<number> {
  return fail('EINVAL', check);
}

export const parse_memopt = leaf<{ p: string }, Outcome<number>>(
  'parse_memopt',
  'arch/x86/kernel/e820.c:parse_memopt',
  (k, { p }) => {
    if (p === 'nopentium') {
      k.printk('warn', 'mem=nopentium ignored! (only supported on x86_32)');
      return einval('!strcmp(p, "nopentium")');
    }
    userdef(k);
    const size = memparse(p)?.bytes ?? 0n;
    if (size === 0n) return einval('mem_size == 0');
    e820RangeRemove(k, size, ULLONG_MAX, 'usable');
    return 0;
  },
);

/** One part of memmap=: nn[KMG] followed by `@`, `#`, `$`, `!` or `%` and a start, or exactmap. */
export const parse_memmap_one = leaf<{ p: string }, Outcome<number>>(
  'parse_memmap_one',
  'arch/x86/kernel/e820.c:parse_memmap_one',
  (k, { p }) => {
    if (p.startsWith('exactmap')) {
      k.world.clear('e820', 0n, 1n << 64n);
      userdef(k);
      return 0;
    }
    const size = memparse(p);
    if (!size) return einval('p == oldp');
    userdef(k);
    const how = size.rest[0];
    if (how === '@' || how === '#' || how === '$' || how === '!') {
      const start = memparse(size.rest.slice(1)) ?? { bytes: 0n, rest: size.rest.slice(1) };
      const type = { '@': 'usable', '#': 'acpi', $: 'reserved', '!': 'pmem-legacy' }[how];
      e820RangeAdd(k, start.bytes, start.bytes + size.bytes, type);
      return start.rest === '' ? 0 : einval("*p != '\\0'");
    }
    if (how === '%' && k.facts.era.get('memmap_type_change')) {
      return changeType(k, size.bytes, size.rest.slice(1));
    }
    e820RangeRemove(k, size.bytes, ULLONG_MAX, 'usable');
    return size.rest === '' ? 0 : einval("*p != '\\0'");
  },
);

/** memmap=size%start[-from][+to]; types are numbers of enum e820_type. */
function changeType(k: Kernel, size: bigint, text: string): Outcome<number> {
  const start = memparse(text) ?? { bytes: 0n, rest: text };
  const types = /^(?:-(0x[0-9a-f]+|\d+))?(?:\+(0x[0-9a-f]+|\d+))?$/i.exec(start.rest);
  if (!types) return einval("*p != '\\0'");
  const from = types[1] === undefined ? 0 : Number(types[1]);
  const to = types[2] === undefined ? 0 : Number(types[2]);
  const end = start.bytes + size;
  const name = (type: number): string => e820TypeName(type) ?? `type ${type}`;
  if (from && to) e820RangeUpdate(k, start.bytes, end, name(from), name(to));
  else if (to) e820RangeAdd(k, start.bytes, end, name(to));
  else e820RangeRemove(k, start.bytes, end, from ? name(from) : null);
  return 0;
}

/** kernelcore= and movablecore=: `nn[KMG]`, `nn%`, and kernelcore=mirror. */
const cmdline_parse_core = (core: 'kernelcore' | 'movablecore') =>
  leaf<{ p: string }, Outcome<number>>(
    `cmdline_parse_${core}`,
    `mm/mm_init.c:cmdline_parse_${core}`,
    (k, { p }) => {
      if (core === 'kernelcore' && p === 'mirror') {
        k.world.put('vars', { name: 'mirrored_kernelcore', value: true });
        return 0;
      }
      const percent = /^(0x[0-9a-f]+|\d+)%/i.exec(p);
      if (percent) {
        k.world.put('vars', { name: `required_${core}_percent`, value: Number(percent[1]) });
        if (Number(percent[1]) > 100) k.printk('warn', `WARNING: ${core}=${p} is over 100 percent`);
        return 0;
      }
      const bytes = memparse(p)?.bytes ?? 0n;
      k.world.put('vars', {
        name: `required_${core}`,
        value: Number(bytes >> BigInt(k.facts.arch.page_shift)),
      });
      return 0;
    },
  );
const cmdline_parse_kernelcore = cmdline_parse_core('kernelcore');
const cmdline_parse_movablecore = cmdline_parse_core('movablecore');

export const cmdline_parse_movable_node = leaf<{ p: string }, number>(
  'cmdline_parse_movable_node',
  'mm/memory_hotplug.c:cmdline_parse_movable_node',
  (k) => {
    k.world.put('vars', { name: 'movable_node_enabled', value: true });
    return 0;
  },
);

export const numa_setup = leaf<{ p: string }, number>(
  'numa_setup',
  'arch/x86/mm/numa.c:numa_setup',
  (k, { p }) => {
    if (p.startsWith('off')) k.world.put('vars', { name: 'numa_off', value: true });
    return 0;
  },
);

/** mem= of other architectures: memory is cut to so many bytes later. */
const early_mem = leaf<{ p: string }, Outcome<number>>(
  'early_mem',
  'arch/arm64/mm/init.c:early_mem',
  (k, { p }) => {
    const page = 1n << BigInt(k.facts.arch.page_shift);
    const bytes = memparse(p)?.bytes ?? 0n;
    k.world.put('vars', { name: 'memory_limit', value: bytes - (bytes % page) });
    k.printk('notice', `Memory limited to ${bytes >> 20n}MB`);
    return 0;
  },
);

/**
 * Early parameters that say something about memory, in the order of the command line. memmap= is
 * a list; each part is parsed by itself.
 */
export const parse_early_param = operation<Record<string, never>, void>(
  'parse_early_param',
  'init/main.c:parse_early_param',
  function* (k) {
    const x86 = k.facts.arch.name.startsWith('x86');
    for (const { name, value } of parseArgs(k.facts.cmdline)) {
      const p = value ?? '';
      if (name === 'mem') yield* call(x86 ? parse_memopt : early_mem, { p });
      else if (name === 'memmap' && x86) {
        for (const part of p.split(',')) {
          if (part !== '') yield* call(parse_memmap_one, { p: part });
        }
      } else if (name === 'kernelcore') yield* call(cmdline_parse_kernelcore, { p });
      else if (name === 'movablecore') yield* call(cmdline_parse_movablecore, { p });
      else if (name === 'movable_node') yield* call(cmdline_parse_movable_node, { p });
      else if (name === 'numa') yield* call(numa_setup, { p });
    }
  },
);

export const finish_early_params = leaf<Record<string, never>, void>(
  (k) =>
    k.facts.era.get('e820_function_names') ? 'e820__finish_early_params' : 'finish_e820_parsing',
  'arch/x86/kernel/e820.c:e820__finish_early_params',
  (k) => {
    if (!k.world.get('vars', 'userdef')) return;
    k.printk('info', 'user-defined physical RAM map:');
    e820PrintTable(k, 'user');
  },
);
