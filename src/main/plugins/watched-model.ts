/** Models whose code tells the thread's watch when it runs. */
import type { HardwareModel, ModelInstance, PluginSession } from '../engine/kernel/device/model.ts';
import type { PluginModule } from './instance.ts';
import type { PluginWatch } from './watch.ts';

/** Whose code it is, and where the functions of its module stand. */
export interface WatchedCode {
  readonly plugin: string;
  /** `gpu/index.js:12:3`, where the function of an action or callback stands. */
  placeOf(entry: string): string;
}

/** The same model; a watch is told before and after each stretch of its code. */
export function watched(
  model: HardwareModel,
  code: WatchedCode,
  watch: PluginWatch,
): HardwareModel {
  return {
    ...model,
    open: (device, services, seed) => {
      const instance = model.open(device, services, seed);
      return new WatchedInstance(instance, watch, (entry, kind) =>
        watch.number({
          plugin: code.plugin,
          what: `${kind} ${entry} of ${device.id}`,
          entry,
          place: code.placeOf(entry),
        }),
      );
    },
  };
}

/**
 * Where the functions of a module and of those it imports stand: at the first place where their name
 * is that of a function or of a key, which is as much as the text says.
 */
export function placesOf(module: PluginModule): (entry: string) => string {
  const texts = [[module.file, module.source] as const].concat(
    [...module.imported].map(([file, { source }]) => [file, source] as const),
  );
  return (entry) => {
    const named = new RegExp(`(?<![\\w.$-])['"]?${entry}['"]?\\s*[:(]`);
    for (const [file, source] of texts) {
      const at = named.exec(source)?.index;
      if (at === undefined) continue;
      const before = source.slice(0, at).split('\n');
      return `${file}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
    }
    return `${module.file}:1:1`;
  };
}

type NumberOf = (entry: string, kind: 'action' | 'callback') => number;

class WatchedInstance implements ModelInstance {
  private readonly instance: ModelInstance;
  private readonly watch: PluginWatch;
  private readonly numberOf: NumberOf;

  constructor(instance: ModelInstance, watch: PluginWatch, numberOf: NumberOf) {
    this.instance = instance;
    this.watch = watch;
    this.numberOf = numberOf;
  }

  start: ModelInstance['start'] = (entry, kind, args, host) => {
    const session = this.instance.start(entry, kind, args, host);
    return watchedSession(session, this.watch, this.numberOf(entry, kind));
  };

  dispose(): void {
    this.instance.dispose();
  }
}

/** Each stretch between two requests by itself: the engine's own work between them is not the plugin's. */
function watchedSession(session: PluginSession, watch: PluginWatch, call: number): PluginSession {
  return {
    next: (input) => {
      watch.enter(call);
      try {
        return session.next(input);
      } finally {
        watch.leave();
      }
    },
    drop: () => session.drop(),
  };
}
