/**
 * The next random number (mulberry32): the same after the same state.
 *
 * @param {{ random: number }} from
 */
export function draw(from) {
  from.random = (from.random + 0x6d2b79f5) >>> 0;
  let t = from.random;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

/**
 * The state that a call begins with: of the lab's seed and how many calls of the device came before
 * it, so that no call can tell another anything by drawing.
 *
 * @param {number} seed
 * @param {number} call from 1
 */
export function randomOf(seed, call) {
  return (seed + Math.imul(call - 1, 0x9e3779b9)) >>> 0;
}
