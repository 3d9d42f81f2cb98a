/** A chunk of a provider's gen_pool: where it lies for CPUs, for the bus, and its pagemap. */
export type P2pChunk = {
  readonly start: bigint;
  readonly size: bigint;
  readonly bus: bigint;
  readonly pgmap: string;
};

/** struct scatterlist before it is mapped: a page, and where in it; bytes. */
export type SgEntry = { readonly pfn: number; readonly offset: bigint; readonly length: bigint };

/**
 * A segment as the device sees it. `type`: how its pages are reached (enum pci_p2pdma_map_type).
 * `bounce`: where swiotlb holds the copy that the device sees in place of the memory itself.
 */
export type DmaSegment = {
  readonly address: bigint;
  readonly length: bigint;
  readonly type: string;
  readonly bounce: bigint | null;
};
