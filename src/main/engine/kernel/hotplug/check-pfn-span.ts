import type { Kernel } from '../../core/facts.ts';
import { fail, leaf, type Outcome } from '../../core/world/operation.ts';

/** check_pfn_span(): whole sub-sections, or with classic SPARSEMEM whole sections, only. */
export const check_pfn_span = leaf<{ pfn: number; nr_pages: number }, Outcome<void>>(
  'check_pfn_span',
  'mm/memory_hotplug.c:check_pfn_span',
  (k, { pfn, nr_pages }) => {
    const { memory_model, pages_per_section, pages_per_subsection } = k.facts.arch;
    const classic = memory_model === 'sparsemem';
    const min = classic ? pages_per_section : pages_per_subsection;
    if (pfn % min !== 0 || nr_pages % min !== 0) {
      const unit = classic ? 'PAGES_PER_SECTION' : 'PAGES_PER_SUBSECTION';
      return fail('EINVAL', `!IS_ALIGNED(pfn | nr_pages, ${unit})`);
    }
    return undefined;
  },
);

/** The warning about a span that is not; kernels before 6.0 name the reason, and misprint a '#'. */
export function warnMisaligned(k: Kernel, reason: 'add' | 'remove', pfn: number, nr: number): void {
  const start = `0x${pfn.toString(16)}`;
  const last = (pfn + nr - 1).toString(16);
  const text = k.facts.era.get('check_pfn_span_reason')
    ? `Misaligned ${reason} start: ${start} end: #${last}`
    : `Misaligned __${reason}_pages start: ${start} end: 0x${last}`;
  k.printk('warn', text);
}
