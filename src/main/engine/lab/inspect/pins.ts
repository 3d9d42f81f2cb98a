import { pagesHeld } from '../../kernel/gup/pins.ts';
import type { Facts } from '../../core/facts.ts';
import type { World } from '../../core/world/world.ts';

/** A held run in text: "1ff80-1ff84 x5 +1024": PFNs, pages, references each. */
function runText({
  pfn,
  end,
  pages,
  refs,
}: {
  pfn: number;
  end: number;
  pages: number;
  refs: number;
}) {
  const hex = (n: number) => n.toString(16);
  const range = end - pfn === 1 ? hex(pfn) : `${hex(pfn)}-${hex(end - 1)}`;
  return `${range} x${pages} +${refs}`;
}

/**
 * Who holds pages by GUP, a line each; no kernel prints that: it only counts (page_pinner,
 * NR_FOLL_PIN_ACQUIRED). Name, who asked, whose memory from which address on, flags, then the runs.
 */
export function pinsText(world: World, _facts: Facts): string {
  return [...world.rows('gup_pins')]
    .map(({ id, actor, mm, address, nr_pages, flags, runs }) => {
      const held = pagesHeld(runs);
      const where = `${mm}@${address.toString(16)}`;
      const list = runs.map(runText).join(', ');
      return `${id} by=${actor} ${where} pages=${held}/${nr_pages} ${flags}: ${list}\n`;
    })
    .join('');
}
