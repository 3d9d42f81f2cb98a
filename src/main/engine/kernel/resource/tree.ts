import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';

export type Resource = RowOf<'resources'>;

/** What a new resource says of itself; ends are inclusive, as in struct resource. */
export interface NewResource {
  readonly start: bigint;
  readonly end: bigint;
  readonly name: string;
  /** IORESOURCE_ names without the prefix, joined by '|'. */
  readonly flags: string;
  /** IORES_DESC_ name without the prefix. */
  readonly desc: string;
}

/** Id that stands for `iomem_resource` itself, the parent of the top level. */
export const IOMEM_RESOURCE = 0;

/** `iomem_resource.end`: all the CPU can address (arch/x86/kernel/setup.c:setup_arch). */
export function iomemEnd(k: Kernel): bigint {
  return (1n << BigInt(k.facts.machine.cpu.phys_bits)) - 1n;
}

/** Children of a resource, by address. */
export function childrenOf(k: Kernel, parent: number): Resource[] {
  const found: Resource[] = [];
  for (const row of k.world.rows('resources')) if (row.parent === parent) found.push(row);
  return found.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
}

/** Everything below a resource, each parent before its children, by address. */
export function descendantsOf(k: Kernel, parent: number): Resource[] {
  return childrenOf(k, parent).flatMap((child) => [child, ...descendantsOf(k, child.id)]);
}

/** resource_overlaps(): do the two inclusive ranges meet? */
export function overlaps(
  a: { start: bigint; end: bigint },
  b: { start: bigint; end: bigint },
): boolean {
  return a.start <= b.end && a.end >= b.start;
}

export function hasFlag(flags: string, flag: string): boolean {
  return flags.split('|').includes(flag);
}

/** Links a resource under a parent and returns its id: one above the highest in use. */
export function link(k: Kernel, parent: number, resource: NewResource): number {
  let id = 0;
  for (const row of k.world.rows('resources')) id = row.id;
  id += 1;
  k.world.put('resources', { id, parent, ...resource });
  return id;
}
