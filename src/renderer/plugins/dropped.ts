import type { InputOf } from '../../shared/bench/commands.ts';
import { toBase64 } from '../frame/files.ts';

/** A packed plugin, or the files of a folder, as the bench takes them. */
export type PluginFiles = InputOf<'pluginInstall'>;

/** Files read of one folder at most: a plugin has no more, and a folder dropped by mistake may. */
const MOST_FILES = 512;

/** A file below a folder, by its path from there. */
interface FileBelow {
  readonly path: string;
  readonly file: File;
}

async function base64Of(file: File): Promise<string> {
  return toBase64(new Uint8Array(await file.arrayBuffer()));
}

export async function packedPlugin(file: File): Promise<PluginFiles> {
  return { name: file.name, base64: await base64Of(file) };
}

/** The files of a folder that was chosen in a dialog: their paths begin with the folder's name. */
export async function chosenFolder(files: readonly File[]): Promise<PluginFiles> {
  const [name = ''] = files[0]?.webkitRelativePath.split('/') ?? [];
  const below = files.map((file) => ({
    path: file.webkitRelativePath.slice(name.length + 1),
    file,
  }));
  return folderOf(name, below);
}

/** A folder that was dropped: the first of a drop, to be asked for before the drop is over. */
export function droppedFolder(items: DataTransferItemList): FileSystemDirectoryEntry | undefined {
  const entries = [...items].map((item) => item.webkitGetAsEntry());
  return entries.find((entry): entry is FileSystemDirectoryEntry => entry?.isDirectory === true);
}

/** Reads a folder that was dropped, with what is below it. */
export async function readFolder(folder: FileSystemDirectoryEntry): Promise<PluginFiles> {
  const below: FileBelow[] = [];
  await collect(folder, '', below);
  return folderOf(folder.name, below);
}

async function folderOf(name: string, below: readonly FileBelow[]): Promise<PluginFiles> {
  const kept = below.filter(({ path }) => belongs(path));
  if (kept.length > MOST_FILES)
    throw new Error(`${name} has more than ${MOST_FILES} files: it is no plugin’s folder.`);
  if (kept.length === 0) throw new Error(`${name} has no files.`);
  const files = await Promise.all(
    kept.map(async ({ path, file }) => ({ path, base64: await base64Of(file) })),
  );
  return { name, files };
}

/** What tools keep beside a plugin is no part of it. */
function belongs(path: string): boolean {
  return !path.split('/').some((part) => part.startsWith('.') || part === 'node_modules');
}

async function collect(
  folder: FileSystemDirectoryEntry,
  above: string,
  below: FileBelow[],
): Promise<void> {
  const reader = folder.createReader();
  const some = () =>
    new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
  // A reader gives a hundred at a time, and none at the end.
  for (let entries = await some(); entries.length > 0; entries = await some()) {
    for (const entry of entries) {
      const path = `${above}${entry.name}`;
      if (!belongs(path) || below.length > MOST_FILES) continue;
      if (entry.isDirectory) await collect(entry as FileSystemDirectoryEntry, `${path}/`, below);
      else below.push({ path, file: await fileOf(entry as FileSystemFileEntry) });
    }
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
