/** Writes a lab as YAML a person can read: flow maps for ranges, hex for addresses. */
import { Document, isMap, isNode, isScalar, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { Node, Pair } from 'yaml';
import type { z } from 'zod';
import { deviceSchema } from './device.ts';
import type { Device } from './device.ts';
import { EXPECT_SCHEMAS } from './expectations/expectations.ts';
import type { ExpectEntry, OutcomeExpect } from './expectations/expectations.ts';
import { kindOf, partOf } from './fields.ts';
import { isOperation, OPERATIONS } from './operations/operations.ts';
import { operationName } from './program.ts';
import type { ProgramEntry } from './program.ts';
import { formatSize } from './quantity.ts';
import { labSchema } from './schema.ts';
import type { Lab } from './schema.ts';

/** Kinds of numbers that are written in hex. */
const IN_HEX: readonly string[] = ['address', 'pfn', 'bits', 'bitmap'];

/** Comments to stand above top-level keys; under `''`, at the head of the file. */
export type LabComments = Record<string, string>;

/**
 * The lab as YAML text; `parseLab` of it gives an equal lab (places aside).
 *
 * @param comments lines begin with the space that follows the `#`
 */
export function writeLab(lab: Lab, comments: LabComments = {}): string {
  const document = new Document(undefined, { version: '1.2' });
  const top = new YAMLMap();
  const { kernel, machine } = lab;
  const of =
    (schema: z.core.$ZodType) =>
    (map: YAMLMap, key: string, value: unknown, lines = false) => {
      const made = node(document, value, partOf(schema, key));
      if (lines) spread(made);
      map.set(document.createNode(key), made);
    };
  const put = of(labSchema);
  const putKernel = of(labSchema.shape.kernel);
  const putMachine = of(labSchema.shape.machine);

  put(top, 'pfnlab', lab.pfnlab);
  if (lab.title !== '') put(top, 'title', lab.title);
  if (lab.topic !== '') put(top, 'topic', lab.topic);

  const kernelMap = new YAMLMap();
  const version = new Scalar(kernel.version);
  version.type = 'QUOTE_DOUBLE';
  kernelMap.set(document.createNode('version'), version);
  putKernel(kernelMap, 'arch', kernel.arch);
  putKernel(kernelMap, 'model', kernel.model);
  if (kernel.cmdline !== '') putKernel(kernelMap, 'cmdline', kernel.cmdline);
  if (Object.keys(kernel.config).length > 0) putKernel(kernelMap, 'config', kernel.config);
  if (Object.keys(kernel.switches).length > 0) putKernel(kernelMap, 'switches', kernel.switches);
  if (kernel.hypothetical) putKernel(kernelMap, 'hypothetical', true);
  kernelMap.flow = kernel.cmdline.length < 20 && Object.keys(kernel.config).length === 0;
  top.set(document.createNode('kernel'), kernelMap);

  const machineMap = new YAMLMap();
  putMachine(machineMap, 'cpu', dropDefaults(machine.cpu, { hypervisor: false, la57: false }));
  putMachine(machineMap, 'memory', machine.memory, true);
  putMachine(machineMap, 'nodes', machine.nodes, true);
  if (machine.srat.length > 0) {
    putMachine(
      machineMap,
      'srat',
      machine.srat.map((entry) => dropDefaults(entry, { hotplug: false, non_volatile: false })),
      true,
    );
  }
  if (machine.cfmws.length > 0) {
    putMachine(
      machineMap,
      'cfmws',
      machine.cfmws.map((entry) => dropDefaults(entry, { qtg: 0 })),
      true,
    );
  }
  if (machine.memory_increment !== undefined)
    putMachine(machineMap, 'memory_increment', machine.memory_increment);
  if (machine.hmat.length > 0) put(machineMap, 'hmat', machine.hmat, true);
  if (machine.firmware_updates.length > 0)
    putMachine(machineMap, 'firmware_updates', machine.firmware_updates, true);
  if (machine.acpi_tables.length > 0)
    putMachine(machineMap, 'acpi_tables', machine.acpi_tables, true);
  if (!machine.pci) putMachine(machineMap, 'pci', false);
  if (machine.resources.length > 0) {
    putMachine(
      machineMap,
      'resources',
      machine.resources.map((entry) => dropDefaults(entry, { image: false })),
      true,
    );
  }
  top.set(document.createNode('machine'), machineMap);

  if (lab.devices.length > 0)
    put(
      top,
      'devices',
      lab.devices.map((device) => deviceOut(document, device)),
      true,
    );
  if (lab.plugins.length > 0) put(top, 'plugins', lab.plugins, true);
  if (lab.seed !== 1) put(top, 'seed', lab.seed);
  if (lab.schedule !== 'sequential') put(top, 'schedule', lab.schedule, true);
  if (lab.invariants !== 'stop') put(top, 'invariants', lab.invariants);
  if (lab.program.length > 0) put(top, 'program', programList(document, lab.program), true);
  if (lab.expect.length > 0)
    put(
      top,
      'expect',
      lab.expect.map((entry) => expectOut(document, entry)),
      true,
    );

  document.contents = top as Document['contents'];
  annotate(document, comments);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true, indentSeq: true });
}

function dropDefaults<T extends object>(entry: T, defaults: Partial<T>): Partial<T> {
  return Object.fromEntries(
    Object.entries(entry).filter(
      ([key, value]) => value !== undefined && value !== defaults[key as keyof T],
    ),
  ) as Partial<T>;
}

function deviceOut(document: Document, device: Device): object {
  const { id, model, node: nid, range, config } = device;
  return {
    id,
    model,
    ...(nid === undefined ? {} : { node: nid }),
    ...(range === undefined ? {} : { range: node(document, range, partOf(deviceSchema, 'range')) }),
    ...config,
  };
}

/** The entries, those of one `concurrently` block together. */
function programList(document: Document, program: readonly ProgramEntry[]): unknown[] {
  const list: unknown[] = [];
  let block: { number: number; entries: unknown[] } | undefined;
  for (const entry of program) {
    const { concurrent } = entry;
    if (concurrent === undefined) {
      block = undefined;
      list.push(programOut(document, entry));
      continue;
    }
    if (block?.number !== concurrent) {
      block = { number: concurrent, entries: [] };
      list.push({ concurrently: block.entries });
    }
    block.entries.push(programOut(document, entry));
  }
  return list;
}

function programOut(document: Document, entry: ProgramEntry): unknown {
  const name = operationName(entry);
  const beside = {
    ...(entry.actor === undefined ? {} : { actor: entry.actor }),
    ...(entry.expect === undefined ? {} : { expect: outcomeOut(document, entry.expect) }),
  };
  const own =
    entry.target === undefined && isOperation(entry.op) ? OPERATIONS[entry.op].args : undefined;
  if (entry.op === 'expect' && entry.target === undefined) return beside;
  if (Object.keys(entry.args).length === 0 && Object.keys(beside).length === 0) return name;
  // `do:` reads best with an actor, but its arguments share the map with `actor`, `do` and `expect`.
  const shared = ['actor', 'do', 'expect'].some((key) => key in entry.args);
  if (entry.actor !== undefined && !shared) {
    const { actor, ...rest } = beside;
    const args = Object.entries(entry.args).map(([key, value]) => [
      key,
      node(document, value, partOf(own, key)),
    ]);
    return { actor, do: name, ...Object.fromEntries(args), ...rest };
  }
  return { [name]: node(document, entry.args, own), ...beside };
}

function outcomeOut(document: Document, expect: OutcomeExpect): unknown {
  if (
    expect.errno === undefined &&
    expect.ok === undefined &&
    Object.keys(expect.returns).length === 0
  ) {
    return expect.state.map((entry) => expectOut(document, entry));
  }
  return {
    ...(expect.errno === undefined ? {} : { errno: expect.errno }),
    ...(expect.ok === undefined ? {} : { ok: expect.ok }),
    ...expect.returns,
  };
}

function expectOut(document: Document, { kind, want }: ExpectEntry): object {
  return { [kind]: node(document, want, EXPECT_SCHEMAS.get(kind)) };
}

/** A value as its schema has it written; whole numbers nobody declares in decimal up to 2^53. */
function node(document: Document, value: unknown, schema: z.core.$ZodType | undefined): Node {
  if (isNode(value)) return value;
  const kind = schema ? kindOf(schema) : '';
  if (typeof value === 'bigint' && kind === 'size') {
    return document.createNode(formatSize(value)) as Node;
  }
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))) {
    const scalar = new Scalar(value);
    const hex = typeof value === 'bigint' || IN_HEX.includes(kind);
    if (value >= 0 && hex) scalar.format = 'HEX';
    return scalar;
  }
  if (Array.isArray(value)) {
    const list = new YAMLSeq();
    list.flow = true;
    for (const item of value) list.items.push(node(document, item, partOf(schema)));
    return list;
  }
  if (typeof value === 'object' && value !== null) {
    const map = new YAMLMap();
    map.flow = true;
    for (const [name, item] of Object.entries(value)) {
      if (item === undefined) continue;
      map.set(document.createNode(name), node(document, item, partOf(schema, name)));
    }
    return map;
  }
  return document.createNode(value) as Node;
}

/** Spreads a list over lines: one entry a line, and `expect` lists inside an entry likewise. */
function spread(list: Node): void {
  if (!(list instanceof YAMLSeq)) return;
  list.flow = list.items.length === 0;
  for (const item of list.items) {
    if (!isMap(item)) continue;
    // `- zone: { ... }` and `- boot: { ... }` read better without braces around the one key.
    const pairs = item.items as Pair[];
    const checked = pairs.find((pair) => isScalar(pair.key) && pair.key.value === 'expect');
    const block = pairs.find((pair) => isScalar(pair.key) && pair.key.value === 'concurrently');
    if (block?.value instanceof YAMLSeq) {
      spread(block.value);
      item.flow = false;
      continue;
    }
    const states = checked?.value instanceof YAMLSeq && checked.value.items.length > 0;
    if (states) spread(checked.value as Node);
    if (
      states ||
      (pairs.length === 1 && isMap(pairs[0]?.value) && pairs[0].value.items.length > 0)
    ) {
      item.flow = false;
    }
  }
}

function annotate(document: Document, comments: LabComments): void {
  if (comments['']) document.commentBefore = comments[''];
  const top = document.contents;
  if (!isMap(top)) return;
  for (const pair of top.items as Pair[]) {
    const comment = isScalar(pair.key) ? comments[String(pair.key.value)] : undefined;
    if (comment && isScalar(pair.key)) pair.key.commentBefore = comment;
  }
}
