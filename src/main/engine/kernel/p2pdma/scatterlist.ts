import { call, failed, operation, type Outcome } from '../../core/world/operation.ts';
import { pci_alloc_p2pmem, pci_free_p2pmem } from './provider.ts';

/** Bytes from a physical address: what a driver wants to put into an entry. */
export interface PhysRange {
  readonly phys: bigint;
  readonly size: bigint;
}

/** pci_p2pmem_alloc_sgl(): a scatterlist of one entry over fresh peer memory; null without room. */
export const pci_p2pmem_alloc_sgl = operation<
  { pdev: string; size: bigint },
  readonly PhysRange[] | null
>('pci_p2pmem_alloc_sgl', 'drivers/pci/p2pdma.c:pci_p2pmem_alloc_sgl', function* (k, params) {
  const phys = yield* call(pci_alloc_p2pmem, params);
  return phys === null ? null : [{ phys, size: params.size }];
});

/** pci_p2pmem_free_sgl(): gives back what each entry holds. */
export const pci_p2pmem_free_sgl = operation<
  { pdev: string; sg: readonly PhysRange[] },
  Outcome<void>
>(
  'pci_p2pmem_free_sgl',
  'drivers/pci/p2pdma.c:pci_p2pmem_free_sgl',
  function* (k, { pdev, sg }) {
    for (const { phys, size } of sg) {
      const freed = yield* call(pci_free_p2pmem, { pdev, address: phys, size });
      if (failed(freed)) return freed;
    }
    return undefined;
  },
  { show: ({ pdev, sg }) => ({ pdev, nents: sg.length }) },
);
