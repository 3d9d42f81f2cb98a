/** Writes a lab as YAML a person can read: flow maps for ranges, hex for addresses. */
import { Document, isMap, isScalar, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { Node, Pair } from 'yaml';
import type { Device } from './device.ts';
import type { ExpectEntry, OutcomeExpect } from './expectations/expectations.ts';
import { operationName } from './program.ts';
import type { ProgramEntry } from './program.ts';
import { formatSize } from './quantity.ts';
import type { Lab } from './schema.ts';

/** Fields that hold addresses or bit masks: written in hex. */
const HEX_KEYS = new Set([
  'start',
  'end',
  'va',
  'at',
  'addr',
  'address',
  'pfn',
  'subsections',
  'flags',
]);

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
  const put = (map: YAMLMap, key: string, value: unknown, lines = false) => {
    const made = node(document, value, key);
    if (lines) spread(made);
    map.set(document.createNode(key), made);
  };

  put(top, 'pfnlab', lab.pfnlab);
  if (lab.title !== '') put(top, 'title', lab.title);
  if (lab.topic !== '') put(top, 'topic', lab.topic);

  const kernelMap = new YAMLMap();
  const version = new Scalar(kernel.version);
  version.type = 'QUOTE_DOUBLE';
  kernelMap.set(document.createNode('version'), version);
  put(kernelMap, 'arch', kernel.arch);
  put(kernelMap, 'model', kernel.model);
  if (kernel.cmdline !== '') put(kernelMap, 'cmdline', kernel.cmdline);
  if (Object.keys(kernel.config).length > 0) put(kernelMap, 'config', kernel.config);
  if (Object.keys(kernel.switches).length > 0) put(kernelMap, 'switches', kernel.switches);
  if (kernel.hypothetical) put(kernelMap, 'hypothetical', true);
  kernelMap.flow = kernel.cmdline.length < 20 && Object.keys(kernel.config).length === 0;
  top.set(document.createNode('kernel'), kernelMap);

  const machineMap = new YAMLMap();
  put(machineMap, 'cpu', dropDefaults(machine.cpu, { hypervisor: false, la57: false }));
  put(machineMap, 'memory', machine.memory, true);
  put(machineMap, 'nodes', machine.nodes, true);
  if (machine.srat.length > 0) {
    put(
      machineMap,
      'srat',
      machine.srat.map((entry) => dropDefaults(entry, { hotplug: false, non_volatile: false })),
      true,
    );
  }
  if (machine.cfmws.length > 0) {
    put(
      machineMap,
      'cfmws',
      machine.cfmws.map(({ granularity, ...entry }) => ({
        ...dropDefaults(entry, { qtg: 0 }),
        granularity: new Size(granularity),
      })),
      true,
    );
  }
  if (machine.firmware_updates.length > 0)
    put(machineMap, 'firmware_updates', machine.firmware_updates, true);
  if (machine.acpi_tables.length > 0) put(machineMap, 'acpi_tables', machine.acpi_tables, true);
  if (!machine.pci) put(machineMap, 'pci', false);
  if (machine.resources.length > 0) {
    put(
      machineMap,
      'resources',
      machine.resources.map((entry) => dropDefaults(entry, { image: false })),
      true,
    );
  }
  top.set(document.createNode('machine'), machineMap);

  if (lab.devices.length > 0) put(top, 'devices', lab.devices.map(deviceOut), true);
  if (lab.plugins.length > 0) put(top, 'plugins', lab.plugins, true);
  if (lab.seed !== 1) put(top, 'seed', lab.seed);
  if (lab.schedule !== 'sequential') put(top, 'schedule', lab.schedule, true);
  if (lab.invariants !== 'stop') put(top, 'invariants', lab.invariants);
  if (lab.program.length > 0) put(top, 'program', programList(lab.program), true);
  if (lab.expect.length > 0) put(top, 'expect', lab.expect.map(expectOut), true);

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

/** A byte size, as opposed to a plain number: written with its unit. */
class Size {
  readonly bytes: bigint;
  constructor(bytes: bigint) {
    this.bytes = bytes;
  }
}

function deviceOut(device: Device): object {
  const { id, model, node: nid, range, config } = device;
  return {
    id,
    model,
    ...(nid === undefined ? {} : { node: nid }),
    ...(range === undefined ? {} : { range: { start: range.start, size: new Size(range.size) } }),
    ...config,
  };
}

/** The entries, those of one `concurrently` block together. */
function programList(program: readonly ProgramEntry[]): unknown[] {
  const list: unknown[] = [];
  let block: { number: number; entries: unknown[] } | undefined;
  for (const entry of program) {
    const { concurrent } = entry;
    if (concurrent === undefined) {
      block = undefined;
      list.push(programOut(entry));
      continue;
    }
    if (block?.number !== concurrent) {
      block = { number: concurrent, entries: [] };
      list.push({ concurrently: block.entries });
    }
    block.entries.push(programOut(entry));
  }
  return list;
}

function programOut(entry: ProgramEntry): unknown {
  const name = operationName(entry);
  const beside = {
    ...(entry.actor === undefined ? {} : { actor: entry.actor }),
    ...(entry.expect === undefined ? {} : { expect: outcomeOut(entry.expect) }),
  };
  if (entry.op === 'expect' && entry.target === undefined) return beside;
  if (Object.keys(entry.args).length === 0 && Object.keys(beside).length === 0) return name;
  // `do:` reads best with an actor, but its arguments share the map with `actor`, `do` and `expect`.
  const shared = ['actor', 'do', 'expect'].some((key) => key in entry.args);
  if (entry.actor !== undefined && !shared) {
    const { actor, ...rest } = beside;
    return { actor, do: name, ...entry.args, ...rest };
  }
  return { [name]: entry.args, ...beside };
}

function outcomeOut(expect: OutcomeExpect): unknown {
  if (
    expect.errno === undefined &&
    expect.ok === undefined &&
    Object.keys(expect.returns).length === 0
  ) {
    return expect.state.map(expectOut);
  }
  return {
    ...(expect.errno === undefined ? {} : { errno: expect.errno }),
    ...(expect.ok === undefined ? {} : { ok: expect.ok }),
    ...expect.returns,
  };
}

function expectOut(entry: ExpectEntry): object {
  return { [entry.kind]: entry.want };
}

function node(document: Document, value: unknown, key: string): Node {
  if (value instanceof Size) return document.createNode(formatSize(value.bytes)) as Node;
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))) {
    const scalar = new Scalar(value);
    if (value >= 0 && (typeof value === 'bigint' || HEX_KEYS.has(key))) scalar.format = 'HEX';
    return scalar;
  }
  if (Array.isArray(value)) {
    const list = new YAMLSeq();
    list.flow = true;
    for (const item of value) list.items.push(node(document, item, key));
    return list;
  }
  if (typeof value === 'object' && value !== null) {
    const map = new YAMLMap();
    map.flow = true;
    for (const [name, item] of Object.entries(value)) {
      if (item !== undefined) map.set(document.createNode(name), node(document, item, name));
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
