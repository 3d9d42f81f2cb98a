import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Facts } from '../../core/facts.ts';
import { MM_SPAN } from '../../kernel/mm/position.ts';
import type { World } from '../../core/world/world.ts';

/** "rw-p": access and sharing of a VMA as /proc/PID/maps has them (show_map_vma). */
export function vmaAccess({ vm_flags }: Pick<RowOf<'vmas'>, 'vm_flags'>): string {
  const has = vm_flags.split('|');
  return [
    has.includes('read') ? 'r' : '-',
    has.includes('write') ? 'w' : '-',
    has.includes('exec') ? 'x' : '-',
    has.includes('mayshare') ? 's' : 'p',
  ].join('');
}

/** VMAs of a task's address space, in order. */
export function vmasOf(world: World, mm: RowOf<'mms'>): RowOf<'vmas'>[] {
  return world.overlapping('vmas', mm.nr * MM_SPAN, (mm.nr + 1) * MM_SPAN);
}

/** Entries of an address space, in order. */
export function ptesOf(world: World, mm: RowOf<'mms'>): RowOf<'ptes'>[] {
  return world.overlapping('ptes', mm.nr * MM_SPAN, (mm.nr + 1) * MM_SPAN);
}

/** First and last byte address of a piece of an address space, end exclusive. */
export function addressesOf(
  facts: Facts,
  { start, end }: { readonly start: number; readonly end: number },
): { start: bigint; end: bigint } {
  const shift = BigInt(facts.arch.page_shift);
  const base = start - (start % MM_SPAN);
  return { start: BigInt(start - base) << shift, end: BigInt(end - base) << shift };
}

/** Name of a mapping as /proc/PID/maps prints it. */
function nameOf({ vm_file }: RowOf<'vmas'>): string {
  return vm_file.startsWith('/dev/zero#') ? '/dev/zero (deleted)' : vm_file;
}

/** show_map_vma(): address range, access, offset, device, inode, name from column 74 on. */
export function mapsLine(world: World, facts: Facts, vma: RowOf<'vmas'>): string {
  const { start, end } = addressesOf(facts, vma);
  const hex = (value: bigint, width = 8): string => value.toString(16).padStart(width, '0');
  const inode = world.get('inodes', vma.vm_file);
  // vm_pgoff of anonymous memory is where it was made; the kernel prints 0 for it.
  const offset = vma.vm_file === '' ? 0n : BigInt(vma.vm_pgoff) << BigInt(facts.arch.page_shift);
  const head = `${hex(start)}-${hex(end)} ${vmaAccess(vma)} ${hex(offset)} 00:${inode ? '01' : '00'} ${inode?.nr ?? 0} `;
  const name = nameOf(vma);
  return name === '' ? head : `${head.padEnd(73)}${name}`;
}

/** Above each process's part, as head(1) and tail(1) name files. */
export function taskHeading({ id, pid }: RowOf<'tasks'>, file: string): string {
  return `==> /proc/${pid}/${file} (${id}) <==`;
}

/** /proc/PID/maps of every process, each under a heading with its name and PID. */
export function procMaps(world: World, facts: Facts): string {
  const lines: string[] = [];
  for (const task of world.rows('tasks')) {
    const mm = world.get('mms', task.mm);
    lines.push(taskHeading(task, 'maps'));
    if (!mm) lines.push(`(no address space: ${task.signal === '' ? 'none' : task.signal})`);
    else for (const vma of vmasOf(world, mm)) lines.push(mapsLine(world, facts, vma));
    lines.push('');
  }
  return lines.length === 0 ? 'no process\n' : lines.join('\n');
}
