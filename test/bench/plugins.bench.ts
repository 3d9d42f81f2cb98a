/** Hardware models: callbacks with two service requests each, and how soon a model works again. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { Device } from '../../src/main/engine/kernel/device/devices.ts';
import { modelFunction } from '../../src/main/engine/kernel/device/drive.ts';
import {
  driverServices,
  serve,
  serviceTable,
} from '../../src/main/engine/kernel/device/services.ts';
import type { Facts } from '../../src/main/engine/core/facts.ts';
import { Driver } from '../../src/main/engine/core/world/driver.ts';
import { call, leaf, operation } from '../../src/main/engine/core/world/operation.ts';
import type { Candidate } from '../../src/main/plugins/candidate.ts';
import { FolderFiles } from '../../src/main/plugins/files.ts';
import { pluginFolders } from '../../src/main/plugins/folders.ts';
import type { DeviceHost, HardwareModel } from '../../src/main/engine/kernel/device/model.ts';
import { QuickJs, quickJsCode } from '../../src/main/plugins/wasm/quickjs.ts';
import { nativeModel, type Models } from './native-model.ts';
import { PluginHost } from '../../src/main/plugins/host.ts';

const CALLBACKS = 200_000;
const TRAPS = 100;
const DISCOVERED = 50;
const SOME = 20_000;
const ROUNDS = 9;

const MANIFEST = {
  id: 'org.pfnlab.bench',
  version: '1.0.0',
  apiVersion: 1,
  title: 'Bench',
  licence: 'MIT',
  main: 'index.js',
  models: [{ id: 'bench', actions: [{ id: 'trap' }], callbacks: ['folio_free'] }],
};

const MODULE = `
export const models = { bench: {
  callbacks: { folio_free: function* (k, { pfn }) {
    const page = yield k.get_page({ pfn, order: 0 });
    if (page < 0) return page;
    return yield k.put_page({ pfn: page, order: 0 });
  } },
  actions: { trap: function* () { throw new Error('trap'); } },
} };`;

const page = (name: string) =>
  leaf<{ pfn: number; order: number }, number>(name, 'bench', (k, { pfn }) => {
    k.world.put('vars', { name, value: pfn });
    return pfn;
  });

const PAGE = {
  title: 'A page',
  description: 'Does almost nothing.',
  args: z.strictObject({ pfn: z.int(), order: z.int() }),
  returns: z.number(),
  fails: {},
};

const services = serviceTable(
  driverServices(
    { get_page: PAGE, put_page: PAGE },
    { get_page: serve(page('get_page')), put_page: serve(page('put_page')) },
  ),
);

const folder = mkdtempSync(join(tmpdir(), 'pfnlab-bench-'));
writeFileSync(join(folder, 'pfnlab-plugin.json'), JSON.stringify(MANIFEST));
writeFileSync(join(folder, 'index.js'), MODULE);
const host = await PluginHost.create();
const loaded = host.load(folder);
rmSync(folder, { recursive: true });
if (!loaded.ok) throw new Error(loaded.problems[0]?.message);
const model = loaded.plugin.models[0];
if (!model) throw new Error('the plugin has no model');

const facts = { id: 'dev0', model: 'bench', node: 0, range: null, config: {}, index: 0 };
const kernelFacts = { arch: { page_shift: 12 } } as unknown as Facts;

function drive(
  count: number,
  entry: string,
  kind: 'action' | 'callback',
  journal: boolean,
): number {
  const device = new Device(facts, model as NonNullable<typeof model>, services, 1);
  const fn = modelFunction(device, entry, kind);
  const all = operation<object, number>('all', 'bench', function* () {
    for (let pfn = 0; pfn < count; pfn += 1) yield* call(fn, { pfn });
    return 0;
  });
  const driver = new Driver(
    { step: () => undefined, returned: () => undefined },
    { facts: kernelFacts, journal },
  );
  driver.add({ actor: 'cpu0', fn: all as never, params: {} });
  const from = performance.now();
  driver.runToEnd();
  const seconds = (performance.now() - from) / 1000;
  device.recycle('the run is over');
  return seconds;
}

const names = [...services.values()].map(({ name, args }) => ({ name, args }));
const silent: DeviceHost = {
  read: () => 0,
  write: () => undefined,
  log: () => undefined,
  note: () => undefined,
  switchValue: () => undefined,
  configValue: () => 'n',
  arch: {},
};

/** Seconds of so many callbacks without an engine around them: three crossings each. */
function sessions(opened: HardwareModel, count: number): number {
  const instance = opened.open(facts, names, 1);
  const from = performance.now();
  for (let pfn = 1; pfn <= count; pfn += 1) {
    const session = instance.start('folio_free', 'callback', { pfn }, silent);
    let event = session.next({ kind: 'start' });
    while (event.kind === 'request') event = session.next({ kind: 'result', value: pfn });
    if (event.kind !== 'done') throw new Error(`the callback ended in ${event.kind}`);
  }
  const seconds = (performance.now() - from) / 1000;
  instance.dispose();
  return seconds;
}

/**
 * What a crossing costs at least: QuickJS's own call of a function that resumes a generator, as
 * QTS_Call makes it. Seconds of so many.
 */
const { quickjs } = new QuickJs(quickJsCode());
const context = quickjs.newRuntime().newContext();
const resume = context.unwrapResult(
  context.evalCode(
    'const g = (function* () { for (let n = 0; ; n = yield n); })(); g.next(); (n) => g.next(n).value',
  ),
);

function rawCalls(count: number): number {
  const from = performance.now();
  for (let n = 0; n < count; n += 1) {
    const argument = context.newNumber(n);
    const result = context.unwrapResult(context.callFunction(resume, context.undefined, argument));
    if (context.getNumber(result) !== n) throw new Error('the call gave something else');
    result.dispose();
    argument.dispose();
  }
  return (performance.now() - from) / 1000;
}

/** The median of ratios taken by turns: what else the machine does falls on both. */
function ratio(of: () => number, to: () => number): number {
  const ratios = Array.from({ length: ROUNDS }, () => of() / to());
  return ratios.sort((a, b) => a - b)[(ROUNDS - 1) / 2] ?? NaN;
}

const { models } = (await import(`data:text/javascript,${encodeURIComponent(MODULE)}`)) as {
  readonly models: Models;
};
const native = nativeModel(model, models);
drive(20_000, 'folio_free', 'callback', true);
const withJournal = drive(CALLBACKS, 'folio_free', 'callback', true);
const raw = ratio(
  () => rawCalls(3 * SOME),
  () => sessions(model, SOME),
);
const againstV8 = ratio(
  () => sessions(model, SOME),
  () => sessions(native, SOME),
);
const without = drive(CALLBACKS, 'folio_free', 'callback', false);
const trapped = drive(TRAPS, 'trap', 'action', true);
const rate = (seconds: number) => Math.round(CALLBACKS / seconds).toLocaleString('en');
process.stdout.write(
  `callbacks with two requests, journal on   ${rate(withJournal)}/s (reach 150,000)\n` +
    `callbacks with two requests, journal off  ${rate(without)}/s\n` +
    `three raw calls of QuickJS against one of them     ${raw.toFixed(2)} (reach 0.85)\n` +
    `the same callbacks, in the sandbox against V8      ${againstV8.toFixed(2)}\n` +
    `trap, and the model loaded afresh         ${((trapped / TRAPS) * 1000).toFixed(2)} ms (reach 50)\n`,
);

// Fifty plugins named in one lab's folder: read and checked, then tried, once for each hash.
const many = mkdtempSync(join(tmpdir(), 'pfnlab-bench-'));
for (let at = 0; at < DISCOVERED; at += 1) {
  const one = join(many, `p${at}`);
  mkdirSync(one);
  const manifest = { ...MANIFEST, id: `org.example.bench${at}` };
  writeFileSync(join(one, 'pfnlab-plugin.json'), JSON.stringify(manifest));
  writeFileSync(join(one, 'index.js'), `${MODULE}\n// ${at}\n`);
}
const fresh = await PluginHost.create();
const took = (body: () => void): number => {
  const from = performance.now();
  body();
  return performance.now() - from;
};
const found: Candidate[] = [];
const reading = took(() => {
  for (const path of pluginFolders([many])) {
    const read = fresh.read(new FolderFiles(path));
    if (read.ok) found.push(read.candidate);
  }
});
const tryAll = () => found.forEach((one) => fresh.admit(one));
const [first, again] = [took(tryAll), took(tryAll)];
rmSync(many, { recursive: true });
process.stdout.write(
  `${found.length} plugins read and checked            ${reading.toFixed(0)} ms\n` +
    `tried for the first time, of reading     ${(first / reading).toFixed(2)}x\n` +
    `tried again, of the first time           ${(again / first).toFixed(3)}x\n`,
);
