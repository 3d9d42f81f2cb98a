/** All actors left are blocked: a deadlock, with who waits for what. */
export class Deadlock {
  readonly waiting: readonly { actor: string; on: string }[];
  constructor(waiting: readonly { actor: string; on: string }[]) {
    this.waiting = waiting;
  }
}
