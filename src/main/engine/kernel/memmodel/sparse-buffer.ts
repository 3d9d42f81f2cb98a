/** The buffer of sparse_init_nid(), from which a node's memmap is cut at boot; bytes. */
export interface SparseBuffer {
  at: bigint;
  end: bigint;
}

/** sparse_buffer_alloc(): the next `size` bytes; undefined where the buffer has no more. */
export function sparse_buffer_alloc(buffer: SparseBuffer, size: bigint): bigint | undefined {
  if (buffer.end - buffer.at < size) return undefined;
  const { at } = buffer;
  buffer.at += size;
  return at;
}
