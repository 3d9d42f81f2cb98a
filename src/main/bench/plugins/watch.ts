import { readdirSync, statSync, watch, type FSWatcher } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isPart } from '../../plugins/files.ts';

/** Folders of one plugin that are watched at most. */
const MAX_FOLDERS = 256;

/**
 * Watches the folders and packed files of plugins under development. However many events a save
 * makes, one reading follows the last: an event during a reading asks for one more.
 */
export class PluginWatch {
  private readonly changed: () => void;
  /** By the folder that is watched and the one name in it that counts, '' where each does. */
  private readonly watchers = new Map<string, FSWatcher>();
  private asked = false;
  private over = false;

  /** @param changed reads the plugins again and tells */
  constructor(changed: () => void) {
    this.changed = changed;
  }

  /**
   * Watches the plugins at these paths and no others any more; to be called again when they were
   * read again, since folders may have come. One that cannot be watched is not.
   */
  follow(paths: readonly string[]): void {
    if (this.over) return;
    const wanted = new Map(
      paths.flatMap(watchedFor).map((one) => [`${one.folder}\0${one.name}`, one]),
    );
    for (const [key, watcher] of this.watchers) {
      if (wanted.has(key)) continue;
      watcher.close();
      this.watchers.delete(key);
    }
    for (const [key, one] of wanted) if (!this.watchers.has(key)) this.add(key, one);
  }

  /** Ends every watch. */
  close(): void {
    this.over = true;
    for (const watcher of this.watchers.values()) watcher.close();
    this.watchers.clear();
  }

  private add(key: string, { folder, name }: Watched): void {
    try {
      const watcher = watch(folder, (_event, changed) => {
        if (name === '' ? changed === null || isPart(changed) : changed === name) this.ask();
      });
      watcher.on('error', () => {
        watcher.close();
        this.watchers.delete(key);
      });
      this.watchers.set(key, watcher);
    } catch {
      // What cannot be watched is read again when somebody asks.
    }
  }

  private ask(): void {
    if (this.asked || this.over) return;
    this.asked = true;
    setImmediate(() => {
      this.asked = false;
      if (!this.over) this.changed();
    });
  }
}

interface Watched {
  readonly folder: string;
  readonly name: string;
}

/** A file is replaced rather than written: its folder has the events. */
function watchedFor(path: string): Watched[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    return [{ folder: dirname(path), name: basename(path) }];
  }
  const folders = [path];
  // Grows while it is gone through: what is below comes after what it is below.
  for (const folder of folders) {
    try {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (!entry.isDirectory() || !isPart(entry.name)) continue;
        if (folders.length < MAX_FOLDERS) folders.push(join(folder, entry.name));
      }
    } catch {
      // It went meanwhile, or may not be read.
    }
  }
  return folders.map((folder) => ({ folder, name: '' }));
}
