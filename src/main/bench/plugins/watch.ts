import { watch, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';
import { statSync } from 'node:fs';

/**
 * Watches the folders and packed files of plugins under development. However many events a save
 * makes, one reading follows the last: an event during a reading asks for one more.
 */
export class PluginWatch {
  private readonly changed: () => void;
  private readonly watchers = new Map<string, FSWatcher>();
  private asked = false;
  private over = false;

  /** @param changed reads the plugins again and tells */
  constructor(changed: () => void) {
    this.changed = changed;
  }

  /** Watches these paths and no others any more. One that cannot be watched is not. */
  follow(paths: readonly string[]): void {
    if (this.over) return;
    for (const [path, watcher] of this.watchers) {
      if (paths.includes(path)) continue;
      watcher.close();
      this.watchers.delete(path);
    }
    for (const path of paths) if (!this.watchers.has(path)) this.add(path);
  }

  /** Ends every watch. */
  close(): void {
    this.over = true;
    for (const watcher of this.watchers.values()) watcher.close();
    this.watchers.clear();
  }

  private add(path: string): void {
    try {
      const folder = statSync(path).isDirectory();
      // A file is replaced rather than written: its folder has the events.
      const watcher = folder
        ? watch(path, { recursive: true }, () => this.ask())
        : watch(dirname(path), (_event, name) => {
            if (name === null || name === basename(path)) this.ask();
          });
      watcher.on('error', () => {
        watcher.close();
        this.watchers.delete(path);
      });
      this.watchers.set(path, watcher);
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
