import { describe, expect, it } from 'vitest';
import { boot, kernel } from '../boot/booted.ts';

/** 8 GiB: 3 GiB below the hole, 5 GiB above. */
const MACHINE = `machine:
  memory:
    - { start: 0x0, end: 0x9ffff, type: usable }
    - { start: 0x100000, end: 0xbfffffff, type: usable }
    - { start: 0x100000000, end: 0x23fffffff, type: usable }
`;

/** PFNs initialised early in the highest zone: up to the first deferred one. */
const firstDeferred = (version: string, extra = '') => {
  const { steps } = boot(`kernel: { version: "${version}"${extra} }\n${MACHINE}`);
  const step = steps.find(({ note }) => note?.includes('initialised later'));
  return step && Number(/PFN (\d+)/.exec(step.note ?? '')?.[1]);
};

describe('page/defer_init', () => {
  it('defers the highest zone after one section, at the next section boundary (4.16 and later)', () => {
    // Normal begins on a boundary: 32768 pages are early, page 32769 is the first deferred one.
    expect(firstDeferred('6.12')).toBe(0x100000 + 32768);
  });

  it('4.3: after 2 GiB', () => {
    expect(firstDeferred('4.3')).toBe(0x100000 + (1 << 19));
  });

  it('does not defer without CONFIG_DEFERRED_STRUCT_PAGE_INIT', () => {
    expect(firstDeferred('6.12', ', config: { DEFERRED_STRUCT_PAGE_INIT: n }')).toBeUndefined();
  });

  it('is made up for by page_alloc_init_late', () => {
    const { world, steps } = boot(kernel('6.12') + MACHINE);
    expect(world.need('nodes', 0).first_deferred_pfn).toBeNull();
    expect(steps.some(({ fn }) => fn === 'deferred_init_memmap')).toBe(true);
    expect(world.at('pages', 0x200000)?.state).toBe('init');
  });
});
