import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { vocabulary } from '../../../src/main/bench/inspect/vocabulary.ts';
import { SWITCHES } from '../../../src/main/engine/core/era/switches.ts';
import { VERBS } from '../../../src/main/shells/cli/dispatch.ts';
import { invariantViews } from '../../../src/shared/lab/declarations.ts';
import { EXPECT_KINDS } from '../../../src/shared/lab/expectations/expectations.ts';
import { INVARIANT_IDS, INVARIANTS } from '../../../src/shared/lab/invariants.ts';
import { OPERATIONS, OPERATION_NAMES } from '../../../src/shared/lab/operations/operations.ts';
import { vocabularyViews } from '../../../src/shared/lab/vocabulary.ts';
import { CALLBACKS } from '../../../src/shared/plugins/callbacks.ts';
import { pluginViews } from '../../../src/shared/plugins/declaration-views.ts';
import { SUBJECTS } from '../../../src/shared/plugins/services/services.ts';
import { CallerFolder } from './capture-terminal.ts';

const folder = new CallerFolder();
afterAll(() => folder.remove());

describe('lab help', () => {
  test.each(OPERATION_NAMES)('%s tells every argument, result and error', async (name) => {
    const { code, out } = await folder.run('help', name);
    expect(code).toBe(0);
    const { args, returns, fails, title } = OPERATIONS[name];
    expect(out).toContain(`${name} (operation): ${title}.`);
    for (const field of [...Object.keys(args.shape), ...Object.keys(returns)]) {
      expect(out).toContain(`  ${field}: `);
    }
    for (const errno of Object.keys(fails)) expect(out).toContain(`  ${errno} `);
  });

  test.each(EXPECT_KINDS)('%s, an expectation', async (name) => {
    const { code, out } = await folder.run('help', name);
    expect([code, out.includes(`${name} (expectation): `)]).toEqual([0, true]);
  });

  test('says kinds, units and defaults', async () => {
    const { out } = await folder.run('help', 'pin');
    expect(out).toContain('va: address, bytes');
    expect(out).toMatch(/ {2}pages: pages +How many pages \(default: 1\)/);
    expect(out).toContain('by: process');
  });

  const words = vocabulary(fileURLToPath(new URL('../../../', import.meta.url)));

  test.each(words.models)('$id, a model: its configuration and actions', async (model) => {
    const { code, out } = await folder.run('help', model.id);
    expect([code, out.includes(`${model.id} (model): ${model.title}.`)]).toEqual([0, true]);
    const keys = Object.keys(model.fields.properties ?? {});
    const actions = model.actions.map(({ id }) => `${model.id}.${id}`);
    for (const name of [...keys, ...actions]) expect(out).toContain(`  ${name}: `);
  });

  test('an action of a model: its arguments, their words and defaults', async () => {
    const { code, out } = await folder.run('help', 'nvdimm.create-namespace');
    expect([code, out.split('\n')[0]]).toEqual([
      0,
      'nvdimm.create-namespace (action): Create a namespace.',
    ]);
    expect(out).toMatch(/mode: raw \| fsdax \| sector \| devdax +What .* \(default: fsdax\)/);
  });

  test.each([
    ['nvdimm.create-namespace', 'Asked of a device: `ID.create-namespace`.'],
    ['nvdimm.bind', 'Asked of a part of a device: `ID.PART.bind`.'],
    ['nvdimm.unbind', 'Asked of a device, or of a part of it: `ID.unbind` or `ID.PART.unbind`.'],
  ])('%s says of whom it is asked', async (name, sentence) => {
    expect((await folder.run('help', name)).out.split('\n')).toContain(sentence);
  });

  test('every invariant, with its sentence', () => {
    const views = invariantViews().map(({ name, kind, title }) => [name, kind, title]);
    expect(views).toEqual(INVARIANT_IDS.map((id) => [id, 'invariant', INVARIANTS[id]]));
  });

  test('every service and callback, with its arguments and errors', () => {
    const views = new Map(pluginViews().map((view) => [`${view.kind} ${view.name}`, view]));
    const fieldNames = (name: string, heading: string) =>
      views
        .get(name)
        ?.fields.find((list) => list.heading === heading)
        ?.fields.map((f) => f.name);
    for (const { services } of SUBJECTS) {
      for (const [name, { title, args, fails }] of Object.entries(services)) {
        expect(views.get(`service ${name}`)).toMatchObject({ title });
        expect(fieldNames(`service ${name}`, 'Arguments')).toEqual(Object.keys(args.shape));
        const errnos = views.get(`service ${name}`)?.fails.map(({ errno }) => errno);
        expect(errnos).toEqual(Object.keys(fails));
      }
    }
    for (const [name, { title, args }] of Object.entries(CALLBACKS)) {
      expect(views.get(`callback ${name}`)).toMatchObject({ title, by: 'the kernel' });
      expect(fieldNames(`callback ${name}`, 'Arguments')).toEqual(Object.keys(args.shape));
    }
  });

  test('a service: kinds and units of its arguments, what it gives, its errors', async () => {
    const { code, out } = await folder.run('help', 'alloc_pages');
    expect([code, out.split('\n')[0]]).toEqual([
      0,
      'alloc_pages (service): Allocate pages of RAM.',
    ]);
    expect(out).toMatch(/ {2}pages: number, pages +How many \(must be given\)/);
    expect(out).toMatch(/Returns:\n {2}result: list of PfnRun\n/);
    expect(out).toMatch(/ {2}ENOMEM +Nothing is free/);
  });

  test('a callback: its older name, its kernels, and what it may return', async () => {
    const { out } = await folder.run('help', 'migrate_to_ram');
    expect(out).toContain('migrate_to_ram (callback): ');
    expect(out).toContain('Older kernels call it page_fault.');
    expect(out).toContain('result: 0 | VM_FAULT_SIGBUS | VM_FAULT_OOM');
    expect((await folder.run('help', 'cleanup')).out).toMatch(/Gone in 5\.17\.\n.*since: 5\.2/);
  });

  test('an invariant', async () => {
    const { out } = await folder.run('help', 'lost-page');
    expect(out).toContain(`lost-page (invariant): ${INVARIANTS['lost-page']}.`);
  });

  test.each(VERBS.map((verb) => verb.name))('%s, a verb, as its --help says', async (name) => {
    const words = name.split(' ');
    const { code, out } = await folder.run('help', ...words);
    const { out: own } = await folder.run(...words, '--help');
    // What is also a word of labs, as `page` is, is told of before.
    expect([code, out.endsWith(own)]).toEqual([0, true]);
  });

  test('every switch, with its title', () => {
    const views = new Map(vocabularyViews(words).map((view) => [view.name, view]));
    for (const [name, { title }] of Object.entries(SWITCHES)) {
      expect(views.get(name)).toMatchObject({ kind: 'switch', title });
    }
  });

  test('a switch: what it is, and its values', async () => {
    const { code, out } = await folder.run('help', 'subsection_hotplug');
    expect([code, out]).toEqual([0, expect.stringContaining('takes false, true.')]);
  });

  test.each([
    ['nvdimm.create-namespce', 'nvdimm.create-namespace'],
    ['init-labels', 'nvdimm.init-labels'],
    ['nvdim', 'nvdimm'],
    ['subsection_hotplg', 'subsection_hotplug'],
    ['migrate_to_rm', 'migrate_to_ram'],
    ['alloc_page', 'alloc_pages'],
    ['lost-pages', 'lost-page'],
    ['plugin instal', 'plugin install'],
    ['install', 'plugin install'],
    ['comparee', 'compare'],
  ])('%s may have been meant as %s', async (name, meant) => {
    const { code, err } = await folder.run('help', name);
    expect([code, err.join()]).toEqual([2, expect.stringContaining(`did you mean ${meant}?`)]);
  });

  test('asks nobody to give what an operation returns', async () => {
    const { out } = await folder.run('help', 'mmap');
    const [before = '', returned = ''] = out.split('\nReturns:\n');
    expect(before).toContain('(must be given)');
    expect(returned.split('\nErrors:')[0]).not.toContain('(must be given)');
  });

  test('what is not there is a sentence with the nearest, and exit code 2', async () => {
    expect(await folder.run('help', 'mmapp')).toEqual({
      code: 2,
      out: '',
      err: ['pfnlab: help: there is no mmapp; did you mean mmap?'],
    });
  });
});
