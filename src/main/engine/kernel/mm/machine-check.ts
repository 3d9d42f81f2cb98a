import type { Kernel } from '../../core/facts.ts';
import { memory_failure } from './memory-failure.ts';
import { call, operation } from '../../core/world/operation.ts';

/** First page of [pfn, end) whose memory is bad; undefined where all is good. */
export function firstPoisoned(k: Kernel, pfn: number, end: number): number | undefined {
  const [bad] = k.world.overlapping('badblocks', pfn, end);
  return bad && Math.max(bad.start, pfn);
}

/**
 * The CPU loads from poisoned memory: the machine check tells the kernel, which ends the process
 * that did and marks the page (kill_me_maybe() with MF_ACTION_REQUIRED).
 */
export const do_machine_check = operation<{ pfn: number }, void>(
  (k) => (k.facts.arch.name.startsWith('x86') ? 'do_machine_check' : 'do_sea'),
  'arch/x86/kernel/cpu/mce/core.c:do_machine_check, arch/arm64/mm/fault.c:do_sea',
  function* (_k, { pfn }) {
    yield* call(memory_failure, { pfn });
  },
);
