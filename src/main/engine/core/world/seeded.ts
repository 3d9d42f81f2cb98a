/** A small seeded generator (mulberry32): the engine's only source of chance. */
export class Seeded {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** One that goes on from here by itself. */
  copy(): Seeded {
    return new Seeded(this.state);
  }

  /** Uniform in [0, 2^32). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** Integer in [0, below). */
  below(below: number): number {
    return Math.floor((this.next() / 4294967296) * below);
  }
}
