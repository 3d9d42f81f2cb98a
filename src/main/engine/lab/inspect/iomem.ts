import type { RowOf } from '../../../../shared/world/tables.ts';
import type { World } from '../../core/world/world.ts';

/** A line of the resource tree; `end` inclusive, `depth` 0 at the top. */
export interface ResourceLine {
  readonly start: bigint;
  readonly end: bigint;
  readonly name: string;
  readonly depth: number;
}

/** kernel/resource.c:MAX_IORES_LEVEL: deeper resources are printed at this depth. */
const MAX_IORES_LEVEL = 5;

/** The resource tree as /proc/iomem walks it: by address, children after their parent. */
export function resourceLines(world: World): ResourceLine[] {
  const children = new Map<number, RowOf<'resources'>[]>();
  for (const row of world.rows('resources')) {
    const list = children.get(row.parent);
    if (list) list.push(row);
    else children.set(row.parent, [row]);
  }
  const lines: ResourceLine[] = [];
  const walk = (parent: number, depth: number): void => {
    const list = children.get(parent) ?? [];
    list.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
    for (const { id, start, end, name } of list) {
      lines.push({ start, end, name, depth });
      walk(id, depth + 1);
    }
  };
  walk(0, 0);
  return lines;
}

/** /proc/iomem as root reads it (kernel/resource.c:r_show). */
export function iomemText(world: World): string {
  const hex = (value: bigint): string => value.toString(16).padStart(8, '0');
  return resourceLines(world)
    .map(({ start, end, name, depth }) => {
      const indent = '  '.repeat(Math.min(depth, MAX_IORES_LEVEL));
      return `${indent}${hex(start)}-${hex(end)} : ${name}\n`;
    })
    .join('');
}
