import type { Kernel } from '../../core/facts.ts';

/**
 * Record of the lock that keeps page faults of a file out while its blocks go: i_mmap_sem of ext4
 * and XFS, mapping->invalidate_lock from 5.15 on. Undefined where the kernel had none.
 */
export function invalidateLock(k: Kernel, file: string): string | undefined {
  const kind = k.facts.era.get('mapping_invalidate_lock');
  return kind === 'none' ? undefined : `${kind} ${file}`;
}
