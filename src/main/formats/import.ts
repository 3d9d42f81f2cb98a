/** Turns files of a real machine into a lab. */
import { ARCHITECTURES } from '../../shared/lab/architecture.ts';
import type { Architecture } from '../../shared/lab/architecture.ts';
import type { ExpectEntry } from '../../shared/lab/expectations/expectations.ts';
import type { Problem } from '../../shared/lab/problem.ts';
import { LAB_FORMAT } from '../../shared/lab/schema.ts';
import type { Lab } from '../../shared/lab/schema.ts';
import { writeLab } from '../../shared/lab/write.ts';
import { withoutUnmodelled } from '../engine/core/parameters.ts';
import { NEWEST_RELEASE } from '../engine/core/era/version.ts';
import { FORMAT_NAMES, FORMATS, readInto, recognise, type FactsOf } from './formats.ts';
import type { LogFacts } from './linux-log.ts';
import { buildMachine } from './machine-sources.ts';
import { unusedLines } from './note.ts';
import type { ImportNote } from './note.ts';
import { textLines } from './text-lines.ts';
import type { ZoneinfoFacts } from './zoneinfo.ts';

export { formatNote } from './note.ts';
export type { ImportNote } from './note.ts';

/** A file as it was read, by any name that helps the reader. */
export interface ImportFile {
  name: string;
  text: string;
}

export interface ImportOptions {
  /** Kernel version to use instead of the one in the log. */
  kernel?: string | undefined;
  arch?: string | undefined;
}

/** A lab when every file was recognised; every line that was not used is a note. */
export interface Imported {
  lab?: Lab;
  yaml?: string;
  notes: ImportNote[];
  problems: Problem[];
}

const ALIASES: Record<string, Architecture> = { amd64: 'x86_64', aarch64: 'arm64', i386: 'x86_32' };

/** Reads the files together. Never throws; a file that is none of ours is a problem. */
export function importFiles(files: readonly ImportFile[], options: ImportOptions = {}): Imported {
  const notes: ImportNote[] = [];
  // A log has any number of lines, more than a call can have arguments.
  const note = (more: readonly ImportNote[]) => {
    for (const one of more) notes.push(one);
  };
  const problems: Problem[] = [];
  const refuse = (code: Problem['code'], file: string, message: string) =>
    problems.push({ file, line: 1, column: 1, code, severity: 'error', message, path: [] });

  let asked: Architecture | undefined;
  if (options.arch !== undefined) {
    const name = Object.hasOwn(ALIASES, options.arch) ? ALIASES[options.arch] : options.arch;
    asked = ARCHITECTURES.find((arch) => arch === name);
    if (!asked)
      refuse(
        'value',
        '--arch',
        `"${options.arch}" is no architecture; expected one of ${ARCHITECTURES.join(', ')}`,
      );
  }
  if (options.kernel !== undefined && !/^\d+\.\d+/.test(options.kernel)) {
    refuse(
      'value',
      '--kernel',
      `"${options.kernel}" is no kernel version; expected one such as 6.12`,
    );
  }
  if (files.length === 0) refuse('empty', 'import', 'no file was given');

  const facts: Partial<FactsOf> = {};
  for (const { name, text } of files) {
    const lines = textLines(text);
    const format = recognise(lines);
    if (format === undefined) {
      refuse(text.trim() === '' ? 'empty' : 'unrecognised', name, unrecognised(text));
      continue;
    }
    const read = readInto(facts, format, name, lines);
    note(
      read?.notes ?? unusedLines(name, lines, `another file is already ${FORMATS[format].title}`),
    );
  }
  if (problems.length > 0) return { notes, problems };

  const { linuxLog: log, iomem, zoneinfo } = facts;
  const label = log?.file ?? iomem?.file ?? zoneinfo?.file ?? files[0]?.name ?? 'import';
  const assume = (text: string, file = label) => notes.push({ file, text, reason: 'assumed' });

  const arch = asked ?? log?.arch ?? 'x86_64';
  if (!asked && !log?.arch) assume('kernel.arch is x86_64; nothing in the files tells it');
  const version = options.kernel ?? log?.banner?.version ?? NEWEST_RELEASE;
  if (options.kernel === undefined) noteVersion(log, version, assume);
  if (log && log.cmdline === undefined)
    assume('the command line is empty; the log does not print it');

  const { cmdline, left } = withoutUnmodelled(log?.cmdline ?? '');
  for (const word of left) assume(`${word} is left out of the command line: it is not modelled`);

  const built = buildMachine({ log, iomem, arch, label, nodes: zoneinfo?.nodes ?? [] });
  note(built.notes);
  const merged = mergeExpectations(log?.expect ?? [], zoneinfo);
  note(merged.notes);

  const bases = files.map(({ name }) => name.split(/[\\/]/).at(-1) ?? name);
  const lab: Lab = {
    pfnlab: LAB_FORMAT,
    title: `Imported from ${bases.join(', ')}`,
    topic: '',
    kernel: {
      version,
      arch,
      model: 'sparsemem-vmemmap',
      cmdline,
      config: {},
      switches: {},
      hypothetical: false,
    },
    machine: built.machine,
    devices: built.devices,
    plugins: [],
    seed: 1,
    schedule: 'sequential',
    invariants: 'stop',
    program: [
      {
        op: 'boot',
        args: {},
        source: { file: label, line: 1, column: 1, path: ['program', 0], args: ['program', 0] },
      },
    ],
    expect: merged.expect,
  };
  const yaml = writeLab(lab, {
    expect: ' What the kernel itself said of its zones and nodes: compared, never used as input.',
  });
  return { lab, yaml, notes: inOrder(notes, files), problems };
}

function noteVersion(
  log: LogFacts | undefined,
  version: string,
  assume: (text: string) => void,
): void {
  const banner = log?.banner;
  if (!banner) {
    assume(`kernel.version is ${version}, the newest era; no file has the kernel's banner`);
  } else if (version !== banner.release && !banner.release.startsWith(version)) {
    assume(
      `kernel.version is ${version}, the source release the banner names; the kernel calls itself ${banner.release}`,
    );
  }
}

function unrecognised(text: string): string {
  if (text.trim() === '') return 'the file is empty';
  const known = FORMAT_NAMES.map((name) => FORMATS[name].title).join(', ');
  const binary = text.slice(0, 8192).includes('\0')
    ? 'this is a binary file'
    : 'this file is not recognised';
  return `${binary}; expected one of ${known}`;
}

/** One expectation for each zone, where the log and /proc/zoneinfo speak of the same. */
function mergeExpectations(
  fromLog: readonly ExpectEntry[],
  zoneinfo: ZoneinfoFacts | undefined,
): { expect: ExpectEntry[]; notes: ImportNote[] } {
  const notes: ImportNote[] = [];
  const expect = [...fromLog];
  for (const entry of zoneinfo?.expect ?? []) {
    const index = expect.findIndex(
      (other) =>
        other.kind === 'zone' &&
        other.want.node === entry.want.node &&
        other.want.zone === entry.want.zone,
    );
    const known = expect[index];
    if (known?.kind !== 'zone') expect.push(entry);
    else if (entry.want.present === undefined || known.want.present === entry.want.present) {
      expect[index] = { ...entry, want: { ...entry.want, ...known.want } };
    } else {
      const { node, zone, present } = entry.want;
      const text = `node ${node}, zone ${zone} has ${present} pages present, but ${known.want.present} at boot; the log was taken`;
      notes.push({ file: entry.source.file, line: entry.source.line, text, reason: 'disagrees' });
    }
  }
  return { expect, notes };
}

/** By file as given, then by line; what concerns a whole file comes first. */
function inOrder(notes: ImportNote[], files: readonly ImportFile[]): ImportNote[] {
  const rank = new Map(files.map(({ name }, index) => [name, index]));
  const key = (note: ImportNote) => rank.get(note.file) ?? files.length;
  return notes.sort((a, b) => key(a) - key(b) || (a.line ?? 0) - (b.line ?? 0));
}
