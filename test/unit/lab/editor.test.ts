import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fieldViews } from '../../../src/shared/lab/fields.ts';
import { kernelSchema } from '../../../src/shared/lab/kernel.ts';
import { OPERATION_NAMES, OPERATIONS } from '../../../src/shared/lab/operations/operations.ts';
import { LanguageServer } from './language-server.ts';

const server = new LanguageServer();
beforeAll(() => server.start());
afterAll(() => server.stop());

const KERNEL = 'pfnlab: 1\nkernel: { version: "6.12" }\n';
const LAB = `${KERNEL}machine: { memory: [] }\n`;
const program = (entry: string) => `${LAB}program:\n  - boot\n  - ${entry}\n`;
const ofMmap = fieldViews(OPERATIONS.mmap.args.shape);

describe('labs/lab.schema.json in an editor with yaml-language-server', () => {
  it('completes the operations of a program', async () => {
    expect(await server.completions(program('m|'))).toEqual(
      expect.arrayContaining([...OPERATION_NAMES]),
    );
  });

  it.each(['mmap:\n      s|', '{ mmap: { s| } }'])('completes arguments: %j', async (entry) => {
    const names = ofMmap.map(({ name }) => name);
    expect(await server.completions(program(entry))).toEqual(expect.arrayContaining(names));
  });

  it.each(ofMmap)('explains the argument $name of an operation', async ({ name, description }) => {
    const [, ...rest] = name;
    const entry = `mmap:\n      ${name[0]}|${rest.join('')}: 1`;
    expect(await server.hover(program(entry))).toContain(description);
  });

  it('explains an operation, and a key of the file', async () => {
    const { title } = OPERATIONS.mmap;
    expect(await server.hover(program('mm|ap:\n      size: 4MiB'))).toContain(title);
    const key = 'pfnlab: 1\nkernel:\n  version: "6.12"\n  hypo|thetical: true\n';
    const { description } = kernelSchema.shape.hypothetical;
    expect(await server.hover(key)).toContain(description);
  });

  it('completes switches and their values', async () => {
    const switches = 'pfnlab: 1\nkernel:\n  version: "6.12"\n  switches:\n    subs|';
    expect(await server.completions(switches)).toContain('subsection_hotplug');
    const values = await server.completions(switches.replace('subs|', 'subsection_hotplug: |'));
    expect(values.sort()).toEqual(['false', 'true']);
  });

  it('completes the Kconfig names the model follows', async () => {
    const config = 'pfnlab: 1\nkernel:\n  version: "6.12"\n  config:\n    ZON|';
    expect(await server.completions(config)).toContain('ZONE_DEVICE');
  });

  it.each([
    ['model: |', ['nvdimm', 'gpu']],
    ['model: nvdimm\n    l|', ['label_size', 'locked']],
  ])('completes a device: %j', async (text, offered) => {
    const devices = `${LAB}devices:\n  - id: nv0\n    ${text}`;
    expect(await server.completions(devices)).toEqual(expect.arrayContaining(offered));
  });

  it("completes and explains an action's arguments", async () => {
    const action = program('nv0.create-namespace:\n      mode: |');
    expect(await server.completions(action)).toEqual(
      expect.arrayContaining(['raw', 'fsdax', 'sector', 'devdax']),
    );
    const shown = await server.hover(program('nv0.create-name|space:\n      mode: raw'));
    expect(shown).toContain('Create a namespace');
  });

  it.each([
    ['get|', 'ID.get-page', '${1:ID}.get-page: pfn: ${2:pfn}'],
    ['direct|', 'ID.PART.direct-access', '${1:ID}.${2:PART}.direct-access: pgoff: ${3:pgoff}'],
    ['create|', 'ID.create-namespace', '${1:ID}.create-namespace:'],
    ['bind|', 'ID.PART.bind', '${1:ID}.${2:PART}.bind:'],
    ['do: nv0.|', 'ID.create-namespace', '${1:ID}.create-namespace'],
  ])('offers the actions of the models that ship: %s', async (entry, label, written) => {
    const offers = await server.offers(program(entry));
    // How far it indents is the editor's affair.
    expect(offers.get(label)?.replace(/\s+/g, ' ')).toBe(written);
  });

  it('offers no action of a part for the device, and none of the device for a part', async () => {
    const labels = await server.completions(program('bind|'));
    expect(labels).toContain('ID.create-namespace');
    expect(labels).not.toContain('ID.PART.create-namespace');
    const shown = await server.hover(program('nv0.ns0.create-name|space:\n      mode: raw'));
    expect(shown).not.toContain('Create a namespace');
  });

  it('marks a misspelt argument at its key, and nothing in a right one', async () => {
    const wrong = await server.diagnostics(program('mmap: { size: 4MiB, prott: r }'));
    expect(wrong.map(({ message, range }) => [message, range.start])).toEqual([
      ['Property prott is not allowed.', { line: 6, character: 24 }],
    ]);
    expect(await server.diagnostics(program('mmap: { size: 4MiB, prot: r }'))).toEqual([]);
  });
});
