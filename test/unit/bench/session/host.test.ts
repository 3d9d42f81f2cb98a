import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { CommandName, InputOf, OutputOf } from '../../../../src/shared/bench/commands.ts';
import { toyFolder, toyLab } from '../plugins/toys.ts';
import { Host } from '../../../../src/main/bench/session/host.ts';

const root = resolve(import.meta.dirname, '../../../..');
const scratch = mkdtempSync(join(tmpdir(), 'pfnlab-host-'));
const lab = readFileSync(join(root, 'labs/first-light.lab.yaml'), 'utf8');
const hosts: Host[] = [];
let folders = 0;

async function openHost(programRoot = root, folder?: string): Promise<Host> {
  folders += 1;
  const data = folder ?? join(scratch, `data${folders}`);
  const host = await Host.open({ door: 'cli', folder: data, root: programRoot }, () => undefined);
  hosts.push(host);
  return host;
}

async function ask<N extends CommandName>(
  host: Host,
  name: N,
  input: InputOf<N>,
): Promise<OutputOf<N>> {
  const result = await host.handle(name, input);
  if (!result.ok) throw new Error(result.error.message);
  return result.value as OutputOf<N>;
}

afterAll(async () => {
  for (const host of hosts) await host.close();
  rmSync(scratch, { recursive: true, force: true });
});

describe('bench/host', () => {
  test('a lab runs to its end, is recorded, and reopens at the step it was left at', async () => {
    const folder = join(scratch, 'kept');
    const host = await openHost(root, folder);
    await ask(host, 'labOpen', { name: 'first-light.lab.yaml', text: lab });
    await ask(host, 'toEnd', {});
    await ask(host, 'runTo', { target: 'memremap_pages', reverse: true });
    await ask(host, 'bookmarkAdd', { title: 'here' });
    const before = host.state().session;
    expect(before?.fn).toBe('memremap_pages');
    await ask(host, 'sessionSave', {});
    await host.close();

    const again = await openHost(root, folder);
    const { entries } = await ask(again, 'libraryList', {});
    expect(entries).toMatchObject([
      { title: 'fsdax namespace, memmap on the device', status: 'complete', arch: 'x86_64' },
    ]);
    await ask(again, 'libraryOpen', { id: entries[0]?.id ?? '' });
    const after = again.state().session;
    expect(after).toMatchObject({ at: before?.at, hash: before?.hash, length: before?.length });
    expect(after?.bookmarks).toEqual(before?.bookmarks);
    expect(after?.operations).toEqual(before?.operations);
    expect(after?.expectations.every(({ ok }) => ok)).toBe(true);
    await ask(again, 'stepInto', {});
    expect(again.state().session?.at).toBe((before?.at ?? 0) + 1);
  });

  test('a plugin beside the lab runs once it is trusted, also when the lab is run again', async () => {
    const host = await openHost();
    const folder = mkdtempSync(join(scratch, 'lab-'));
    toyFolder({}, join(folder, 'toy'));
    const file = { name: 'toy.lab.yaml', text: toyLab('{ id: org.example.toy, path: toy }') };
    const refused = await ask(host, 'labOpen', { ...file, folder });
    expect(refused).toMatchObject({ opened: false, untrusted: [expect.any(String)] });
    const [sha256 = ''] = refused.untrusted ?? [];
    const shown = await ask(host, 'pluginDescribe', { sha256 });
    expect(shown).toMatchObject({ author: 'A. Author', place: 'lab', trusted: false });
    await ask(host, 'pluginTrust', { sha256, trusted: true });
    expect(await ask(host, 'labOpen', { ...file, folder })).toMatchObject({ opened: true });
    const again = await ask(host, 'labText', {});
    expect(again).toEqual({ ...file, folder });
    expect(await ask(host, 'labOpen', again)).toMatchObject({ opened: true });
  });

  test('a lab opened without a plugin is run again without it', async () => {
    const host = await openHost();
    const file = { name: 'toy.lab.yaml', text: toyLab('{ id: org.example.toy }') };
    const refused = await ask(host, 'labOpen', file);
    expect(refused).toMatchObject({
      opened: false,
      missing: { plugins: [{ id: 'org.example.toy' }] },
    });
    const without = ['org.example.toy'];
    expect(await ask(host, 'labOpen', { ...file, without })).toMatchObject({ opened: true });
    expect(await ask(host, 'labText', {})).toEqual({ ...file, without });
  });

  test('the window is told of an operation and a probe that nothing expects to fail', async () => {
    const host = await openHost();
    const text = lab
      .replace(
        'program:',
        '  - { id: nic, model: rdma-nic, bdf: "0000:04:00.0", parent: gone }\nprogram:',
      )
      .replace('- boot', '- boot\n  - nvdimm0.ns0.mount: { fs: ext4, options: dax, at: /mnt }');
    await ask(host, 'labOpen', { name: 'first-light.lab.yaml', text });
    await ask(host, 'toEnd', {});
    const { expectations } = await ask(host, 'expectations', {});
    const line = (of: string) => text.split('\n').findIndex((one) => one.includes(of)) + 1;
    expect(expectations.filter(({ want }) => want === 'no error')).toEqual([
      expect.objectContaining({ at: 'probe of nic', ok: false, line: line('id: nic') }),
      expect.objectContaining({ at: 'mount', ok: false, line: line('- nvdimm0.ns0.mount') }),
    ]);
  });

  test('a lab is checked as far as it would be run: devices and operations too', async () => {
    const host = await openHost();
    const text = lab.replace('model: nvdimm', 'model: nvdim').replace('  - boot', '  - boots');
    const { problems } = await ask(host, 'labCheck', { name: 'a.lab.yaml', text });
    const told = problems.map(({ message }) => message).join('\n');
    expect(told).toContain('nvdim');
    expect(told).toContain('boots');
  });

  test('a shared session opens where its plugin is missing: it steps, and says why it cannot run', async () => {
    const host = await openHost();
    await ask(host, 'labOpen', { name: 'first-light.lab.yaml', text: lab });
    await ask(host, 'toEnd', {});
    const end = host.state().session;
    const shared = await ask(host, 'sessionShare', {});
    expect(shared.name).toBe('first-light.pfnlab');

    const bare = join(scratch, 'bare');
    mkdirSync(bare);
    const other = await openHost(bare);
    await ask(other, 'sessionOpenShared', shared);
    const opened = other.state().session;
    expect(opened).toMatchObject({ at: end?.at, hash: end?.hash, runnable: false });
    expect(opened?.why_not_runnable).toMatch(
      /^made with org\.pfnlab\.nvdimm .*, which is not here$/,
    );
    await ask(other, 'runTo', { target: '__init_zone_device_page', reverse: true });
    const page = await ask(other, 'page', { pfn: 0x101200 });
    expect(page).toMatchObject({ zone: 'Device', state: 'idle', valid: true });
    await ask(other, 'toStart', {});
    expect(other.state().session?.at).toBe(0);

    const refused = await other.handle('labOpen', { name: 'first-light.lab.yaml', text: lab });
    expect(refused).toMatchObject({ ok: true, value: { opened: false } });
    // What was open is still there: a lab that cannot be opened closes nothing.
    expect(other.state().session?.length).toBe(end?.length);
  });

  test('without a library labs run all the same, and the state says that nothing is saved', async () => {
    const host = await openHost(root, join(root, 'package.json', 'data'));
    expect(host.state().library_problem).toMatch(/nothing will be saved$/);
    await ask(host, 'labOpen', { name: 'first-light.lab.yaml', text: lab });
    await ask(host, 'toEnd', {});
    expect(host.state().session).toMatchObject({ id: '', saved: false, running: false });
    const saved = await host.handle('sessionSave', {});
    expect(saved).toMatchObject({ ok: false, error: { code: 'no-library' } });
  });

  test('commands that cannot be done answer with one sentence', async () => {
    const host = await openHost();
    const none = await host.handle('stepInto', {});
    expect(none).toEqual({
      ok: false,
      error: { code: 'no-session', message: 'open a lab or a recording first' },
    });
    await ask(host, 'labOpen', { name: 'first-light.lab.yaml', text: lab });
    await ask(host, 'toEnd', {});
    const { length = 0 } = host.state().session ?? {};
    const beyond = await host.handle('seek', { step: length + 1 });
    expect(beyond).toMatchObject({ ok: false, error: { code: 'no-step' } });
    const nowhere = await host.handle('runTo', { target: 'no_such_function' });
    expect(nowhere).toMatchObject({
      ok: false,
      error: { message: `no step after step ${length} enters no_such_function` },
    });
    const page = await host.handle('page', { pfn: 2 ** 40 });
    expect(page).toMatchObject({ ok: false, error: { code: 'no-pfn' } });
  });
});
