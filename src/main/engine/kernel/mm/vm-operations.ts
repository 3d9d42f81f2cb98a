import type { Kernel } from '../../core/facts.ts';
import type { KernelFunction } from '../../core/world/operation.ts';
import type { VmFault, VmFaultRun } from './fault.ts';

export type VmFaultFunction = KernelFunction<VmFaultRun, VmFault>;

/**
 * struct vm_operations_struct. `fault` either maps the run itself and answers NOPAGE with
 * `handled`, or gives back the (referenced) page in `pfn`. `huge_fault` answers FALLBACK to have
 * the next smaller level tried. Which there are stands in kernel/wiring.ts.
 */
export interface VmOperations {
  readonly fault?: VmFaultFunction;
  readonly huge_fault?: VmFaultFunction;
  readonly page_mkwrite?: VmFaultFunction;
  readonly pfn_mkwrite?: VmFaultFunction;
}

/** vma->vm_ops; undefined for anonymous memory (vma_is_anonymous). */
export function vmOperations(
  k: Kernel,
  { vm_ops }: { readonly vm_ops: string },
): VmOperations | undefined {
  const all: Readonly<Record<string, VmOperations>> = k.facts.wiring.vm_operations;
  return all[vm_ops];
}
