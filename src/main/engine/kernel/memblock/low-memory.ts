import { maxLowPfn } from '../../core/arch/x86_32.ts';
import type { Kernel } from '../../core/facts.ts';
import { leaf, type None } from '../../core/world/operation.ts';
import { numberVar, setVar } from '../../core/world/variables.ts';

const megabytes = (pages: number): number => Math.floor(pages / 256);

/** x86_32: memory the kernel maps for good ends at MAXMEM_PFN; what is above is high memory. */
export const find_low_pfn_range = leaf<None, void>(
  'find_low_pfn_range',
  'arch/x86/mm/init_32.c:find_low_pfn_range',
  (k) => {
    setVar(k, 'max_low_pfn', Math.min(numberVar(k, 'max_pfn'), maxLowPfn(k.facts.config)));
  },
);

/** What initmem_init() of 32-bit kernels says of low and high memory. */
export function highmemVariables(k: Kernel): void {
  const max = numberVar(k, 'max_pfn');
  const low = numberVar(k, 'max_low_pfn');
  setVar(k, 'highstart_pfn', Math.min(max, low));
  setVar(k, 'highend_pfn', max);
  k.printk('notice', `${megabytes(max - Math.min(max, low))}MB HIGHMEM available.`);
  k.printk('notice', `${megabytes(low)}MB LOWMEM available.`);
}
