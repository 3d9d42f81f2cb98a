import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Host } from '../../../../src/main/bench/session/host.ts';
import type { CommandName, InputOf, OutputOf } from '../../../../src/shared/bench/commands.ts';
import type { SessionView } from '../../../../src/shared/bench/state.ts';
import { SMALL_LAB } from '../booted.ts';

const root = resolve(import.meta.dirname, '../../../..');
const scratch = mkdtempSync(join(tmpdir(), 'pfnlab-schedule-'));
const hosts: Host[] = [];
const LAB = `${SMALL_LAB.slice(0, SMALL_LAB.indexOf('program:'))}program:
  - boot
  - concurrently:
      - { actor: first, do: alloc-pages, order: 0 }
      - { actor: second, do: alloc-pages, order: 3 }
  - { actor: first, do: alloc-pages, order: 1 }
`;
/** Two writers of the memory hotplug lock. */
const LOCKED = `${SMALL_LAB.slice(0, SMALL_LAB.indexOf('program:'))}program:
  - boot
  - concurrently:
      - { actor: admin, do: offline, block: 1 }
      - { actor: udev, do: offline, block: 2 }
`;

class Bench {
  readonly host: Host;
  constructor(host: Host) {
    this.host = host;
  }

  static async open(folder: string): Promise<Bench> {
    const data = join(scratch, folder);
    const host = await Host.open({ door: 'cli', folder: data, root }, () => undefined);
    hosts.push(host);
    return new Bench(host);
  }

  async ask<N extends CommandName>(name: N, input: InputOf<N>): Promise<OutputOf<N>> {
    const result = await this.host.handle(name, input);
    if (!result.ok) throw new Error(result.error.message);
    return result.value as OutputOf<N>;
  }

  get session(): SessionView {
    const { session } = this.host.state();
    if (!session) throw new Error('no session');
    return session;
  }

  /** Opens the lab and stands before the first concurrent entry, waiting for a choice. */
  async waiting(text: string): Promise<number> {
    await this.ask('labOpen', { name: 'race.lab.yaml', text });
    await this.ask('toEnd', {});
    const first = this.session.operations[1]?.first ?? 0;
    await this.ask('seek', { step: first - 1 });
    await this.ask('scheduleTakeOver', {});
    return first - 1;
  }
}

afterAll(async () => {
  for (const host of hosts) await host.close();
  rmSync(scratch, { recursive: true, force: true });
});

describe('bench/schedule: somebody chooses who makes the next step', () => {
  test('the run waits at the step it was taken over at, and offers who may go on', async () => {
    const bench = await Bench.open('waits');
    const at = await bench.waiting(LAB);
    expect(bench.session).toMatchObject({ at, length: at, running: false, schedule: 'by hand' });
    expect(bench.session.head).toEqual({ offered: ['first', 'second'], moves: 0 });
    await bench.ask('scheduleStep', { actor: 'second' });
    expect(bench.session).toMatchObject({ at: at + 1, length: at + 1, actor: 'second' });
    await bench.ask('scheduleStep', { actor: 'first' });
    const { actors } = await bench.ask('actors', {});
    const about = (id: string) => actors.find((one) => one.id === id);
    expect(about('first')).toMatchObject({
      state: 'inside',
      stack: [{ seq: at + 2, fn: 'alloc-pages' }],
      last: at + 2,
      next: 'alloc-pages 1',
    });
    expect(about('second')).toMatchObject({ state: 'inside', stack: [{ seq: at + 1 }] });
    expect(about('swapper/0')).toMatchObject({ state: 'done', stack: [] });
  });

  test('what was chosen is kept: it reopens, goes on, and a replay has the same hash', async () => {
    const bench = await Bench.open('kept');
    await bench.waiting(LAB);
    await bench.ask('scheduleStep', { actor: 'second' });
    await bench.ask('scheduleStep', { actor: 'first' });
    await bench.ask('scheduleStep', { actor: 'second' });
    const { length, hash, id } = bench.session;
    await bench.ask('sessionClose', {});

    await bench.ask('libraryOpen', { id });
    expect(bench.session).toMatchObject({ length, head: null });
    await bench.ask('toEnd', {});
    expect(bench.session.hash).toBe(hash);
    await bench.ask('scheduleTakeOver', {});
    expect(bench.session).toMatchObject({ id, at: length, hash });
    await bench.ask('scheduleRun', { actor: 'first' });
    await bench.ask('scheduleResume', {});
    const end = bench.session;
    expect(end).toMatchObject({ head: null, running: false });
    expect(end.stopped).toBeUndefined();
    expect(end.operations.every(({ last }) => last > 0)).toBe(true);

    await bench.ask('sessionClose', {});
    await bench.ask('libraryOpen', { id });
    await bench.ask('toEnd', {});
    expect(bench.session).toMatchObject({ length: end.length, hash: end.hash });
    await bench.ask('scheduleTakeOver', {});
    expect(bench.session).toMatchObject({ at: end.length, hash: end.hash });
  });

  test('an actor that waits is shown with what it waits for, and refused', async () => {
    const bench = await Bench.open('locks');
    await bench.waiting(LOCKED);
    const holds = async () => {
      const { actors } = await bench.ask('actors', {});
      return actors.find(({ id }) => id === 'admin')?.holds.map(({ name }) => name) ?? [];
    };
    while (!(await holds()).includes('mem_hotplug_lock')) {
      await bench.ask('scheduleStep', { actor: 'admin' });
    }
    await bench.ask('scheduleRun', { actor: 'udev' });
    const { actors } = await bench.ask('actors', {});
    const udev = actors.find(({ id }) => id === 'udev');
    expect(udev).toMatchObject({ state: 'blocked', waits_for: ['admin'] });
    const held = actors.find(({ id }) => id === 'admin')?.holds ?? [];
    expect(held.find(({ name }) => name === udev?.waits_on)?.waiters).toEqual(['udev']);
    await expect(bench.ask('scheduleStep', { actor: 'udev' })).rejects.toThrow(
      `udev waits for ${udev?.waits_on}, which admin holds`,
    );
    await bench.ask('scheduleResume', {});
    expect(bench.session.operations.map(({ error }) => error)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('a choice where nothing waits for one is refused', async () => {
    const bench = await Bench.open('refused');
    await bench.ask('labOpen', { name: 'race.lab.yaml', text: LAB });
    await bench.ask('toEnd', {});
    await expect(bench.ask('scheduleStep', { actor: 'first' })).rejects.toThrow(
      'the run does not wait for a choice',
    );
    await bench.waiting(LAB);
    await bench.ask('stepBack', {});
    await expect(bench.ask('scheduleStep', { actor: 'first' })).rejects.toThrow(
      /the run waits at step \d+, this is step \d+; go there, or choose who steps from here/,
    );
    await bench.ask('toEnd', {});
    await expect(bench.ask('scheduleStep', { actor: 'nobody' })).rejects.toThrow(
      'nobody has nothing to do before others have gone on',
    );
  });
});
