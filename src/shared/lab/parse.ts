/** Reads a lab file. */
import type { z } from 'zod';
import { defaultPhysBits } from './architecture.ts';
import { checkLab } from './check.ts';
import { readDocument } from './document.ts';
import type { Span } from './document.ts';
import { deviceSchema } from './device.ts';
import type { Device } from './device.ts';
import { entryReader } from './entries.ts';
import { problemsOf } from './issues.ts';
import type { NumaNode } from './machine.ts';
import { formatPath, formatProblem } from './problem.ts';
import type { Place } from './place.ts';
import type { Path, Problem } from './problem.ts';
import { readable } from './readable.ts';
import { LAB_FORMAT, labSchema } from './schema.ts';
import type { Lab, ReadDevice, ReadLab } from './schema.ts';
import { isMap, toValueMap } from './value.ts';

export { formatPath, formatProblem };
export type { Path, Problem };

/** What came of reading a lab file: a lab when there are no errors, and all that was found. */
export interface ParsedLab {
  lab?: Lab;
  /** The lab with as many entries of its program as could be read: enough to show what it is. */
  setup?: Lab | undefined;
  /** What could be read, for checks that know more; undefined where it is no lab file at all. */
  read?: ReadLab;
  problems: Problem[];
  /** Where a part of the document stands, for reports about it. */
  locate(path: Path): Span;
  /** The key itself; the same as `locate` where there is none. */
  locateKey(path: Path): Span;
}

/**
 * Reads a lab from YAML text. Collects every problem, each at the exact node. Never throws.
 *
 * @param file name for messages; nothing is opened
 */
export function parseLab(text: string, file: string): ParsedLab {
  const document = readDocument(text.replace(/^\uFEFF/, ''), file);
  const { locate, locateKey } = document;
  const problems = [...document.problems];
  const collect = (more: readonly Problem[]) => {
    for (const problem of more) problems.push(problem);
  };
  const fail = (
    code: Problem['code'],
    path: Path,
    message: string,
    expected?: string,
  ): ParsedLab => {
    problems.push({
      ...locate(path),
      code,
      severity: 'error',
      message,
      path,
      ...(expected ? { expected } : {}),
    });
    return { problems: inOrder(problems), locate, locateKey };
  };
  if (document.value === undefined) return { problems: inOrder(problems), locate, locateKey };
  const root = document.value;
  if (root === null) return fail('empty', [], 'the file is empty; expected a lab');
  if (!isMap(root)) {
    return fail(
      'type',
      [],
      'this is no lab file; expected a map that begins with `pfnlab: 1`',
      'pfnlab: 1',
    );
  }
  if (!('pfnlab' in root)) {
    return fail(
      'format-version',
      [],
      '`pfnlab: 1` is missing, so this is no lab file',
      'pfnlab: 1',
    );
  }
  const format = root['pfnlab'];
  if (format !== BigInt(LAB_FORMAT)) {
    const newer = typeof format === 'bigint' && format > BigInt(LAB_FORMAT);
    return fail(
      'format-version',
      ['pfnlab'],
      newer
        ? `this lab has format ${format}, from a newer pfnlab; this one reads format ${LAB_FORMAT}`
        : `pfnlab must be ${LAB_FORMAT}`,
      String(LAB_FORMAT),
    );
  }

  // A version written without quotes is a float: say what to write, from the text itself.
  const kernel = root['kernel'];
  if (isMap(kernel) && typeof kernel['version'] === 'number') {
    const span = locate(['kernel', 'version']);
    const written =
      text.split('\n')[span.line - 1]?.slice(span.column - 1, span.endColumn - 1) ?? '';
    fail(
      'type',
      ['kernel', 'version'],
      `kernel.version must be quoted: version: "${written}" (unquoted, 6.10 would be 6.1)`,
      `"${written}"`,
    );
    kernel['version'] = String(written || kernel['version']);
  }

  const result = labSchema.safeParse(root);
  if (!result.success) {
    collect(problemsOf(result.error.issues, labSchema, root, [], document));
  }
  const reader = entryReader(document, problems);
  const list = (key: string) => (Array.isArray(root[key]) ? (root[key] as unknown[]) : []);
  const program = list('program').flatMap((e, i) => reader.program(e, ['program', i]));
  const expect = list('expect').flatMap((e, i) => reader.expectation(e, ['expect', i]) ?? []);
  const setup = result.success ? { ...setupOf(result.data, locate), program, expect } : undefined;
  const { unread } = reader;
  const read: ReadLab = setup
    ? { ...setup, unread }
    : { ...readParts(root), program, expect, unread };
  collect(checkLab(read, document));
  const sorted = inOrder(problems);
  const whole = sorted.every(({ severity }) => severity !== 'error');
  const found = { setup, read, problems: sorted, locate, locateKey };
  return whole && setup ? { lab: setup, ...found } : found;
}

type Written = z.output<typeof labSchema>;

/** All of a lab but its entries, with what is derived from the rest filled in. */
function setupOf(data: Written, locate: (path: Path) => Place): Omit<Lab, 'program' | 'expect'> {
  const { cpu } = data.machine;
  return {
    ...data,
    pfnlab: LAB_FORMAT,
    machine: {
      ...data.machine,
      cpu: { ...cpu, phys_bits: cpu.phys_bits ?? defaultPhysBits(data.kernel.arch, cpu.la57) },
      nodes: withDistances(data.machine.nodes),
    },
    devices: data.devices.map(({ id, model, ...rest }, index) => {
      const { file, line, column } = locate(['devices', index]);
      return { id, model, ...placed(rest), source: { file, line, column } };
    }),
  };
}

/** Where a device is, and everything that its model will read. */
function placed({ node, range, ...config }: Pick<Device, 'node' | 'range'> & object) {
  return {
    ...(node === undefined ? {} : { node }),
    ...(range === undefined ? {} : { range }),
    config: toValueMap(config),
  };
}

/** What can be read of a lab with mistakes. */
function readParts(root: Record<string, unknown>): Omit<ReadLab, 'program' | 'expect' | 'unread'> {
  const data = readable(labSchema, root) as Partial<Written>;
  const { kernel = {}, machine = {}, plugins = [], schedule, seed } = data;
  const written = root['devices'];
  const devices: unknown[] = Array.isArray(written) ? written : [];
  return {
    kernel,
    machine,
    devices: devices.map((device): ReadDevice => {
      if (!isMap(device)) return { unread: true };
      const { id: _id, model: _model, ...rest } = device;
      const unread = !deviceSchema.safeParse(device).success;
      const known = readable(deviceSchema, device) as Partial<Written['devices'][number]>;
      const { id, model, ...where } = known;
      return {
        unread,
        ...(id && { id }),
        ...(model && { model }),
        ...placed({ ...rest, ...where }),
      };
    }),
    plugins,
    schedule,
    seed,
  };
}

/** Fills in distances nobody wrote: LOCAL_DISTANCE 10 and REMOTE_DISTANCE 20 (`include/linux/topology.h`). */
function withDistances(
  nodes: { id: number; cpus: number; distances?: number[] | undefined }[],
): NumaNode[] {
  return nodes.map((node, row) => ({
    id: node.id,
    cpus: node.cpus,
    distances: node.distances ?? nodes.map((_, column) => (row === column ? 10 : 20)),
  }));
}

/** Problems as they stand in the file. */
export function inOrder(problems: Problem[]): Problem[] {
  return problems.sort((a, b) => a.line - b.line || a.column - b.column);
}
