/**
 * PFNs that a GUP call put into its caller's `pages` array, in order of the addresses. `pages`
 * entries of the array; `refs` that were taken on each PFN (1024 a small page by FOLL_PIN).
 */
export type GupRun = {
  readonly pfn: number;
  readonly end: number;
  readonly pages: number;
  readonly refs: number;
};

/**
 * Who holds pages by get_user_pages() or pin_user_pages(), and until when nobody knows but they:
 * `address` and `nr_pages` that were asked for in the address space `mm`; `flags`: FOLL_* names.
 * `busy`: the actor whose call fills or empties the array now; '' while the pages are held.
 */
export type GupPin = {
  id: string;
  actor: string;
  mm: string;
  address: bigint;
  nr_pages: number;
  flags: string;
  busy: string;
  runs: readonly GupRun[];
};
