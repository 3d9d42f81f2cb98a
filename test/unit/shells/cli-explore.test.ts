import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CallerFolder, SMALL_LAB } from './capture-terminal.ts';

const folder = new CallerFolder();
const MACHINE = SMALL_LAB.slice(0, SMALL_LAB.indexOf('program:'));

/**
 * Two tasks take a page each; `wanted` is what the second is to get. The 16 pages taken before are
 * the first of their pageblock, at PFN 0x1000: the next two are 0x1010 and 0x1011.
 */
const race = (wanted: string): string => `${MACHINE}program:
  - boot
  - { actor: second, do: alloc-pages, order: 4 }
  - concurrently:
      - { actor: first, do: alloc-pages, order: 0 }
      - { actor: second, do: alloc-pages, order: 0, expect: { ${wanted} } }
`;

beforeAll(() => {
  folder.write('small.lab.yaml', SMALL_LAB);
  folder.write('race.lab.yaml', race('pfn: 0x1011'));
  folder.write('calm.lab.yaml', race('ok: true'));
});
afterAll(() => folder.remove());

describe('lab explore', () => {
  test('a lab in which nothing runs concurrently cannot be used', async () => {
    const { code, out, err } = await folder.run('explore', 'small.lab.yaml');
    expect([code, out]).toEqual([2, '']);
    expect(err).toEqual([
      'small.lab.yaml: nothing in its program runs concurrently; put entries into a `concurrently` block',
    ]);
  });

  test('every interleaving, and nothing breaks', async () => {
    const { code, out } = await folder.run('explore', 'calm.lab.yaml');
    expect(code).toBe(0);
    expect(out).toMatch(/^calm\.lab\.yaml: first, second from step \d+ on\n/);
    expect(out).toContain('moves: exhaustive\n1 final state\nnothing breaks\n');
  });

  test('an expectation that one order fails, and the lab that shows it', async () => {
    const whole = await folder.run('run', 'race.lab.yaml');
    expect(whole.code).toBe(0);
    const { code, out } = await folder.run('explore', 'race.lab.yaml', '--out', 'found.lab.yaml');
    expect(code).toBe(1);
    expect(out).toContain('expectation in alloc-pages of second: race.lab.yaml:');
    expect(out).toContain('alloc-pages.pfn: expected 4113, got 4112');
    expect(out).toMatch(/the shortest schedule: \d+ steps, 2 choices\n {2}second +steps/);
    expect(readFileSync(join(folder.path, 'found.lab.yaml'), 'utf8')).toContain(
      'actor: second }\n',
    );
    const found = await folder.run('run', 'found.lab.yaml');
    expect(found.code).toBe(1);
    expect(found.err[0]).toContain('alloc-pages.pfn: expected 4113, got 4112');
  });

  test('--json says the same, and --budget and --depth what was left out', async () => {
    const { out } = await folder.run('explore', 'race.lab.yaml', '--json');
    const result = JSON.parse(out);
    expect(result).toMatchObject({ schema: 1, actors: ['first', 'second'], exhaustive: true });
    expect(result.final_states).toHaveLength(1);
    expect(result.broken).toEqual([expect.objectContaining({ kind: 'expectation', switches: 2 })]);
    expect(result.broken[0].schedule[0]).toEqual({ step: result.from + 1, actor: 'second' });
    const budget = await folder.run('explore', 'calm.lab.yaml', '--budget', '30');
    expect(budget.out).toContain('not exhaustive, --budget is used up');
    const depth = await folder.run('explore', 'calm.lab.yaml', '--depth', '1');
    expect(depth.out).toContain('not exhaustive, other orders beyond --depth were not tried');
  });

  test('the same again prints the same', async () => {
    const first = await folder.run('explore', 'race.lab.yaml');
    expect((await folder.run('explore', 'race.lab.yaml')).out).toBe(first.out);
  });
});
