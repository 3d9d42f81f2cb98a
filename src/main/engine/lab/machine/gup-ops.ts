import type { Kernel } from '../../core/facts.ts';
import { direct_io } from '../../kernel/gup/direct-io.ts';
import { pinPages } from '../../kernel/gup/pin-pages.ts';
import { freePinName } from '../../kernel/gup/pins.ts';
import { releasePin } from '../../kernel/gup/unpin.ts';
import { taskOf, type Mm } from '../../kernel/mm/mm-struct.ts';
import { call, fail, failed, type Outcome } from '../../core/world/operation.ts';
import type { Bodies } from './bodies.ts';

/** The address space of a process of the lab, by default the running actor's. */
function mmOf(k: Kernel, task: string): Outcome<Mm> {
  const id = task === '' ? k.current() : task;
  const mm = k.world.get('mms', taskOf(k, id)?.mm ?? '');
  return mm ?? fail('EINVAL', `lab: ${id} is no process with memory; it needs an \`mmap\` first`);
}

/** User addresses: what positions hold, 2^44 pages. */
const USER_PAGES = 2 ** 44;

function outside(k: Kernel, va: bigint, pages: number): Outcome<void> {
  const last = (va >> BigInt(k.facts.arch.page_shift)) + BigInt(pages);
  if (last <= BigInt(USER_PAGES)) return undefined;
  return fail('EINVAL', 'lab: `pages` must end in the user half');
}

/** get_user_pages() and its users. */
export const GUP_OPS: Bodies<'pin' | 'unpin' | 'direct-io'> = {
  *pin(k, { va, pages, task, as, p2p, ...flags }) {
    const mm = mmOf(k, task);
    if (failed(mm)) return mm;
    const wrong = outside(k, va, pages);
    if (failed(wrong)) return wrong;
    const name = as === '' ? freePinName(k, k.current()) : as;
    if (k.world.get('gup_pins', name)) return fail('EINVAL', `lab: there is a pin ${name} already`);
    if (p2p && k.facts.era.get('foll_pci_p2pdma') === 'none') {
      return fail('EINVAL', 'lab: `p2p`: this kernel has no FOLL_PCI_P2PDMA');
    }
    const remote = task !== '' && task !== k.current();
    const request = { pin: name, mm, address: va, pages, pci_p2pdma: p2p, remote, ...flags };
    const got = yield* pinPages(k, request);
    if (failed(got)) return got;
    const { runs, ...pinned } = got;
    return { ...pinned, ranges: runs.map(({ pfn: start, end }) => ({ start, end })) };
  },

  *unpin(k, { name, dirty }) {
    if (!k.world.get('gup_pins', name)) {
      const names = [...k.world.rows('gup_pins')].map(({ id }) => id).join(', ');
      const there = names === '' ? 'there are none' : `there are ${names}`;
      return fail('EINVAL', `lab: there is no pin ${name}; ${there}`);
    }
    return yield* releasePin(k, name, dirty);
  },

  *'direct-io'(k, { va, size, dir }) {
    const mm = mmOf(k, '');
    if (failed(mm)) return mm;
    const page = 1n << BigInt(k.facts.arch.page_shift);
    const wrong = outside(k, va, Number((size + page - 1n) / page));
    if (failed(wrong)) return wrong;
    return yield* call(direct_io, { mm, address: va, size, to_disk: dir === 'write' });
  },
};
