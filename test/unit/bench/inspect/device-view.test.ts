import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pluginSet } from '../../../../src/main/bench/session/plugin-set.ts';
import { deviceView } from '../../../../src/main/bench/inspect/device-view.ts';
import { iomemPieces } from '../../../../src/main/bench/inspect/iomem.ts';
import { prepareLab } from '../../../../src/main/bench/session/sessions.ts';
import { Session } from '../../../../src/main/bench/session/session.ts';

const root = resolve(import.meta.dirname, '../../../..');

/** A private GPU of 256 MiB, a coherent one of 256 MiB at 5 GiB, an NVDIMM of 1 GiB at 6 GiB. */
async function threeClasses() {
  const name = 'claim-three-classes.lab.yaml';
  const text = readFileSync(join(root, 'labs', name), 'utf8');
  const prepared = prepareLab(name, text, await pluginSet(root));
  if (!prepared.ok) throw new Error(prepared.problems.map(({ message }) => message).join('\n'));
  const { execution } = prepared;
  while (execution.advance(1000));
  const session = new Session(execution.run.facts, execution.log);
  session.seek(session.length);
  return session.inspection();
}

describe('bench/inspect: devices', () => {
  test('show private and coherent memory by class and size, wherever it came from', async () => {
    const inspection = await threeClasses();
    const view = (id: string, start?: bigint, end?: bigint) =>
      deviceView(inspection, {
        id,
        model: 'gpu',
        title: 'GPU',
        node: 0,
        start,
        end,
        registers: [],
      });
    // VRAM no CPU reaches has no range of its own: the kernel gave it the highest free addresses.
    expect(view('gpu0').range).toBeDefined();
    expect(view('gpu0').parts).toMatchObject([
      { label: 'private memory', detail: '256 MiB', fill: 'type-private' },
    ]);
    expect(view('gpu1', 0x1_4000_0000n, 0x1_4fff_ffffn).parts).toMatchObject([
      { label: 'coherent memory', detail: '256 MiB', fill: 'type-coherent' },
    ]);
  });

  test('show single registers that nobody has written, at their reset value', async () => {
    const inspection = await threeClasses();
    const registers = [
      { id: 'bound', count: 1, reset: false },
      { id: 'quiet', count: 1, reset: 7 },
      { id: 'table', count: 8, reset: 0 },
    ];
    const facts = { id: 'gpu0', model: 'gpu', title: 'GPU', node: 0, start: undefined };
    const view = deviceView(inspection, { ...facts, end: undefined, registers });
    const shown = new Map(view.registers.map(({ name, text }) => [name, text]));
    expect(shown.get('quiet')).toBe('7');
    expect(shown.get('bound')).toBe('yes');
    expect(shown.has('table')).toBe(false);
  });

  test('leave a namespace to its resource, and colour a region by its pagemap', async () => {
    const inspection = await threeClasses();
    const nvdimm = deviceView(inspection, {
      id: 'nvdimm0',
      model: 'nvdimm',
      title: 'NVDIMM',
      node: 0,
      start: 0x1_8000_0000n,
      end: 0x1_bfff_ffffn,
      registers: [],
    });
    expect(nvdimm.parts).toMatchObject([{ label: 'namespace0.0', fill: 'type-pmem' }]);
    const fills = new Map(iomemPieces(inspection).map(({ label, fill }) => [label, fill]));
    expect(fills.get('gpu0')).toBe('type-private');
    expect(fills.get('namespace0.0')).toBe('type-pmem');
  });
});
