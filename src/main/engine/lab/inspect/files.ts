import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Facts } from '../../core/facts.ts';
import { fileSpan, indexOf } from '../../kernel/fs/file-position.ts';
import { isMounted, mountedWithDax, type SuperBlock } from '../../kernel/fs/super-block.ts';
import type { World } from '../../core/world/world.ts';

type Inode = RowOf<'inodes'>;

/** "0..511", or "7". */
function span(start: number, length: number): string {
  return length === 1 ? `${start}` : `${start}..${start + length - 1}`;
}

/** A mount as /proc/mounts has it, then how many of its blocks are free. */
function mountText(world: World, sb: SuperBlock): string {
  const { start, end } = fileSpan(sb);
  const rows = world.overlapping('free_blocks', start, end);
  const free = rows.reduce((sum, row) => sum + row.end - row.start, 0);
  const options = mountedWithDax(sb) ? 'rw,relatime,dax=always' : 'rw,relatime';
  return `/dev/${sb.bdev} ${sb.id} ${sb.s_type} ${options} 0 0\n  blocks: ${sb.blocks}, free: ${free}\n`;
}

function fileText(world: World, inode: Inode): string {
  const { start, end } = fileSpan(inode);
  const lines = [
    `${inode.id}: ${inode.fs}, ${inode.i_size} bytes${inode.i_flags === '' ? '' : `, ${inode.i_flags}`}`,
  ];
  for (const row of world.overlapping('file_extents', start, end)) {
    const length = row.end - row.start;
    const flags = [row.type, ...(row.shared ? ['shared'] : [])].join(',');
    lines.push(`  block ${span(indexOf(row.start), length)}: ${span(row.block, length)} ${flags}`);
  }
  for (const row of world.overlapping('i_pages', start, end)) {
    const length = row.end - row.start;
    const flags = row.flags === '' ? [] : row.flags.split('|');
    const none = flags.includes('zero') || flags.includes('empty');
    const hex = (pfn: number) => `0x${pfn.toString(16)}`;
    const pfns = length === 1 ? hex(row.pfn) : `${hex(row.pfn)}..${hex(row.pfn + length - 1)}`;
    const what = [row.kind, ...(none ? [] : [pfns]), ...flags].join(' ');
    lines.push(`  page ${span(indexOf(row.start), length)}: ${what}`);
  }
  return `${lines.join('\n')}\n`;
}

/**
 * What is mounted, and every file: its blocks as `filefrag -v` lists them (in pages, from the start of
 * the filesystem), and what its i_pages hold: folios, or value entries of DAX with their bits.
 */
export function filesText(world: World, _facts: Facts): string {
  const mounts = [...world.rows('super_blocks')].filter(isMounted);
  const files = [...world.rows('inodes')];
  return [
    ...mounts.map((sb) => mountText(world, sb)),
    ...files.map((f) => fileText(world, f)),
  ].join('');
}
