import type { Finding, Looked } from './invariant.ts';

/** A lock whose holder has returned from its outermost function: nobody will ever release it. */
export function lockLeftBehind({ world }: Looked, actor: string): Finding | undefined {
  for (const { name, owner, readers } of world.rows('locks')) {
    if (owner !== actor && !readers.includes(actor)) continue;
    return {
      sentence: `${actor} has returned and still holds ${name}`,
      records: [{ table: 'locks', key: name }],
    };
  }
  return undefined;
}
