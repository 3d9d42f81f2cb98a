import { lock, unlock, type Operation } from '../../core/world/operation.ts';

/** mapping->i_mmap_rwsem: the VMAs that map a file stay while somebody goes through them. */
export function iMmapLock(file: string): string {
  return `i_mmap_rwsem ${file}`;
}

/**
 * unlink_file_vma() for each file of VMAs that go: waits for whoever unmaps pages of the file from
 * all who map it, since that one still stands in these VMAs.
 */
export function* unlinkFileVmas(files: readonly string[]): Operation<void> {
  for (const file of new Set(files)) {
    if (file === '') continue;
    yield* lock(iMmapLock(file), 'rwsem');
    yield* unlock(iMmapLock(file));
  }
}
