import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Counts the blocks of code that run while a text is checked, in a process of its own. */
export class BlockCounter {
  private readonly child = fork(join(import.meta.dirname, 'count-child.ts'));
  private readonly begun = once(this.child, 'message');

  async ready(): Promise<void> {
    await this.begun;
  }

  stop(): void {
    this.child.kill();
  }

  async cost(what: 'lab' | 'module', text: string): Promise<number> {
    const answer = once(this.child, 'message');
    this.child.send({ what, text });
    const [blocks] = await answer;
    return Number(blocks);
  }

  /**
   * What the second half of something four times as long costs, in what the first half of it did
   * twice: 1 where cost is in proportion to length, 2 where it is to its square.
   */
  async growth(what: 'lab' | 'module', text: (n: number) => string, n: number): Promise<number> {
    // What is done once, whatever the length, is done here.
    await this.cost(what, text(1));
    const one = await this.cost(what, text(n));
    const two = await this.cost(what, text(2 * n));
    const four = await this.cost(what, text(4 * n));
    return (four - two) / (2 * (two - one));
  }
}
