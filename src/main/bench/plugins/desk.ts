import { resolve } from 'node:path';
import type { PluginDescription } from '../../../shared/bench/plugins.ts';
import type { OutputOf } from '../../../shared/bench/commands.ts';
import { isPart, type PluginFiles } from '../../plugins/files.ts';
import { PackedFiles, PLUGIN_PATH, readPacked } from '../../plugins/packed.ts';
import { formatPluginProblem, type PluginProblem } from '../../plugins/problem.ts';
import { Refusal } from '../session/refusal.ts';
import { brokenViews, type PluginCatalogue } from './catalogue.ts';
import type { Found } from './found.ts';
import { describePlugin, pluginViews } from './views.ts';
import { PluginWatch } from './watch.ts';

/** A packed plugin, or the files of a folder, as a window hands them over. */
export type Dropped =
  | { readonly name: string; readonly base64: string }
  | {
      readonly name: string;
      readonly files: readonly { readonly path: string; readonly base64: string }[];
    };

/** What a window can do with plugins: the catalogue, a watch over what is developed, and a count. */
export class PluginDesk {
  readonly catalogue: PluginCatalogue;
  private readonly watch: PluginWatch;
  private changes = 0;
  /** Strangers that a lab brought along: they are beside the lab and in no other place. */
  private readonly strangers = new Map<string, Found>();

  constructor(catalogue: PluginCatalogue, tell: () => void) {
    this.catalogue = catalogue;
    this.watch = new PluginWatch(() => {
      this.reload();
      tell();
    });
    this.watch.follow(catalogue.namedPaths);
  }

  /** Grows with every change of what is here and trusted. */
  get revision(): number {
    return this.changes;
  }

  list(): OutputOf<'pluginList'> {
    const { catalogue } = this;
    const problem = catalogue.record?.trusted().problem;
    return {
      plugins: pluginViews(catalogue),
      broken: brokenViews(catalogue.broken),
      ...(problem === undefined ? {} : { trust_problem: problem }),
    };
  }

  describe(sha256: string): PluginDescription {
    return describePlugin(this.catalogue, this.find(sha256));
  }

  /** Keeps what labs brought along, so that it can be shown and trusted. */
  remember(found: readonly Found[]): void {
    for (const one of found) this.strangers.set(one.candidate.origin.sha256, one);
  }

  trust(sha256: string, trusted: boolean): void {
    const { record } = this.catalogue;
    if (!record) throw new Refusal('no-data', 'there is no data folder to keep trust in');
    if (trusted) record.trust(this.find(sha256).candidate.origin);
    else record.distrust(sha256);
    this.changes += 1;
  }

  /** Keeps a copy; answers its hash. */
  install(dropped: Dropped): string {
    const { installed, host } = this.catalogue;
    if (!installed) throw new Refusal('no-data', 'there is no data folder to install into');
    const read = host.read(filesOf(dropped));
    if (!read.ok) throw badPlugin(read.problems);
    installed.install(read.candidate);
    this.reload();
    return read.candidate.origin.sha256;
  }

  remove(sha256: string): void {
    const { installed, record } = this.catalogue;
    if (!installed?.remove(sha256)) {
      throw new Refusal('no-plugin', `plugin ${sha256.slice(0, 12)} is not installed`);
    }
    record?.distrust(sha256);
    this.reload();
  }

  /** Uses the plugin at a path of this machine; its hash where it can be read. */
  name(path: string): string | undefined {
    this.catalogue.name(path);
    this.watch.follow(this.catalogue.namedPaths);
    this.changes += 1;
    const whole = resolve(path);
    const named = this.catalogue.found.find(
      ({ place, candidate }) => place === 'named' && candidate.files.place === whole,
    );
    return named?.candidate.origin.sha256;
  }

  /** Uses what was named at a path no more. */
  forget(path: string): void {
    if (!this.catalogue.forget(path)) {
      throw new Refusal('no-plugin', `no plugin at ${path} was named`);
    }
    this.watch.follow(this.catalogue.namedPaths);
    this.changes += 1;
  }

  reload(): void {
    // First: what changes in a new folder once it was read must not be missed.
    this.watch.follow(this.catalogue.namedPaths);
    this.catalogue.reload();
    this.changes += 1;
  }

  close(): void {
    this.watch.close();
  }

  private find(sha256: string): Found {
    const found =
      this.catalogue.all().find(({ candidate }) => candidate.origin.sha256 === sha256) ??
      this.strangers.get(sha256);
    if (!found) throw new Refusal('no-plugin', `there is no plugin ${sha256.slice(0, 12)}`);
    return found;
  }
}

function filesOf(dropped: Dropped): PluginFiles {
  if ('base64' in dropped) {
    const packed = readPacked(dropped.name, Buffer.from(dropped.base64, 'base64'));
    if (!packed.ok) throw badPlugin([packed.problem]);
    return packed.files;
  }
  const contents = new Map<string, Uint8Array>();
  for (const { path, base64 } of dropped.files) {
    if (!isPart(path)) continue;
    if (!PLUGIN_PATH.test(path)) {
      const message = 'only paths of plain names below its top are taken';
      throw badPlugin([{ file: path, line: 1, column: 1, code: 'file', message }]);
    }
    contents.set(path, Buffer.from(base64, 'base64'));
  }
  return new PackedFiles(dropped.name, contents);
}

/** The first problem with its place, and all of them in the sentence. */
function badPlugin(problems: readonly PluginProblem[]): Refusal {
  const [first] = problems;
  const { file, line, column } = first ?? { file: '', line: 1, column: 1 };
  return new Refusal('bad-plugin', problems.map(formatPluginProblem).join('\n'), {
    file,
    line,
    column,
  });
}
