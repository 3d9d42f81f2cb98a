import type { Facts } from '../../core/facts.ts';
import { modelOf } from '../../kernel/memmodel/models.ts';
import type { World } from '../../core/world/world.ts';

/** What the memory model costs now: a line a cost with its bytes and who pays, then the sum. */
export function memmapText(world: World, facts: Facts): string {
  const model = modelOf({ facts });
  const lines = model.overhead({ world, facts });
  const total = lines.reduce((sum, { bytes }) => sum + bytes, 0n);
  const width = Math.max(12, String(total).length);
  const row = (bytes: bigint, what: string): string =>
    `${String(bytes).padStart(width)}  ${what}\n`;
  const label = facts.hypothetical ? ' (hypothetical)' : '';
  return [
    `${model.symbol}${label}, struct page of ${facts.arch.sizeof_page} bytes\n`,
    ...lines.map(({ what, bytes, charged }) => row(bytes, `${what} (${charged})`)),
    row(total, 'in all'),
  ].join('');
}
