import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import type { InputOf, OutputOf } from '../../shared/bench/commands.ts';
import type { ProblemView } from '../../shared/bench/state.ts';
import { pathOnDisk } from '../bench/door.ts';
import { useSelection } from '../bench/selection.ts';
import { useSession } from '../bench/session.ts';
import { usePlugins } from '../plugins/plugins.ts';
import { fileKind, fromBase64, pickFiles, saveFile, toBase64 } from './files.ts';
import { useLayout } from './layout.ts';
import { usePlace } from './place.ts';

type Opened = OutputOf<'labOpen'>;

/** A lab file: its name and text, and where the window knows it its folder. */
type LabFile = InputOf<'labOpen'>;

/** A lab that needs plugins nobody here has. */
export interface Refused {
  readonly file: LabFile;
  readonly missing: Opened['missing'];
}

export type Imported = OutputOf<'labImport'> & { readonly name: string };

async function labFile(file: File): Promise<LabFile> {
  const { name } = file;
  const path = pathOnDisk(file);
  const folder = path.endsWith(name) ? path.slice(0, -name.length) : '';
  return { name, text: await file.text(), ...(folder === '' ? {} : { folder }) };
}

/** Opening, importing, saving and sharing: what the user does with files. */
export const useDocuments = defineStore('documents', () => {
  const session = useSession();
  const layout = useLayout();
  const place = usePlace();
  const selection = useSelection();
  const plugins = usePlugins();
  /** Problems of the file opened or imported last. */
  const problems = shallowRef<readonly ProblemView[]>([]);
  const imported = shallowRef<Imported | null>(null);
  const refused = shallowRef<Refused | null>(null);
  const busy = ref('');

  async function during<T>(what: string, work: () => Promise<T>): Promise<T> {
    busy.value = what;
    try {
      return await work();
    } finally {
      busy.value = '';
    }
  }

  function arrive(result: Opened | undefined): void {
    if (!result) return;
    problems.value = result.problems;
    refused.value = null;
    if (!result.opened) return;
    imported.value = null;
    place.at = 'bench';
  }

  /** The layout and selection a session was last saved with; a session saved without one keeps what is shown. */
  function restoreView(): void {
    selection.clear();
    const view = session.session?.view ?? '';
    if (view === '') return;
    try {
      const kept = JSON.parse(view) as { layout?: unknown; selection?: unknown } | null;
      if (kept?.layout !== undefined) layout.restore(kept.layout);
      if (typeof kept?.selection === 'string') selection.select(kept.selection);
    } catch {
      // The view is opaque to everybody but windows; one that is not ours is not used.
    }
  }

  /** Opens a lab; asks about strangers' plugins first, and says which are not here. */
  async function openLab(file: LabFile): Promise<void> {
    const open = () => during(`Opening ${file.name}`, () => session.act('labOpen', file));
    let result = await open();
    if (result && !result.opened && result.untrusted.length > 0) {
      arrive(result);
      if (!(await plugins.askAndTrust(result.untrusted))) return;
      result = await open();
    }
    arrive(result);
    if (!result || result.opened) return;
    const { missing } = result;
    if (missing.plugins.length + missing.devices.length === 0) return;
    refused.value = { file, missing };
    place.at = 'home';
  }

  /** Opens the lab that was refused without what it misses. */
  async function openWithout(): Promise<void> {
    if (!refused.value) return;
    const { file, missing } = refused.value;
    await openLab({ ...file, without: missing.plugins.map(({ id }) => id) });
  }

  async function tryAgain(): Promise<void> {
    if (refused.value) await openLab(refused.value.file);
  }

  /** Runs the open lab again, with its breakpoints, and goes where this session stands. */
  async function runAgain(): Promise<void> {
    const old = session.session;
    const lab = old && (await session.act('labText', {}));
    if (!lab) return;
    await openLab(lab);
    if (!session.session || session.session.id === old.id) return;
    for (const { kind, target } of old.breakpoints)
      await session.act('breakpointAdd', { kind, target });
    const end = await session.act('toEnd', {});
    if (end && old.at < Math.min(old.length, end.at)) await session.act('seek', { step: old.at });
  }

  async function openRecording(id: string): Promise<void> {
    await during('Opening the recording', async () =>
      arrive(await session.act('libraryOpen', { id })),
    );
  }

  async function openFiles(files: readonly File[]): Promise<void> {
    const [first] = files;
    if (!first) return;
    if (fileKind(first.name) === 'lab') return openLab(await labFile(first));
    if (fileKind(first.name) === 'plugin') return plugins.installFile(first);
    if (fileKind(first.name) === 'machine') return importFiles(files);
    const base64 = toBase64(new Uint8Array(await first.arrayBuffer()));
    await during(`Opening ${first.name}`, async () =>
      arrive(await session.act('sessionOpenShared', { name: first.name, base64 })),
    );
  }

  async function importFiles(files: readonly File[]): Promise<void> {
    const named = await Promise.all(
      files.map(async (file) => ({ name: file.name, text: await file.text() })),
    );
    await during('Importing', async () => {
      const result = await session.act('labImport', { files: named });
      if (!result) return;
      problems.value = result.problems;
      const stem = (named[0]?.name ?? 'machine').replace(/\.[^.]*$/, '');
      imported.value = { ...result, name: `${stem}.lab.yaml` };
      place.at = 'home';
    });
  }

  async function chooseAndOpen(): Promise<void> {
    await openFiles(await pickFiles('.yaml,.yml,.pfnlab,.tgz', false));
  }

  async function chooseAndImport(): Promise<void> {
    const files = await pickFiles('', true);
    if (files.length > 0) await importFiles(files);
  }

  async function save(): Promise<void> {
    await session.act('sessionSave', {
      view: JSON.stringify({ layout: layout.kept, selection: selection.link }),
    });
  }

  async function share(): Promise<void> {
    await save();
    const file = await session.act('sessionShare', {});
    if (file) saveFile(file.name, fromBase64(file.base64), 'application/vnd.sqlite3');
  }

  async function saveLab(): Promise<void> {
    const lab = await session.act('labText', {});
    if (lab) saveFile(lab.name.split(/[\\/]/).pop() ?? lab.name, lab.text, 'text/yaml');
  }

  return {
    problems,
    refused,
    imported,
    busy,
    restoreView,
    openLab,
    openWithout,
    tryAgain,
    runAgain,
    openRecording,
    openFiles,
    importFiles,
    chooseAndOpen,
    chooseAndImport,
    save,
    share,
    saveLab,
  };
});
