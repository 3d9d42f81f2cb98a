import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { OutputOf } from '../../shared/bench/commands.ts';
import type { PluginDescription } from '../../shared/bench/plugins.ts';
import { useSession } from '../bench/session.ts';
import { pickFiles, pickFolder } from '../frame/files.ts';
import { usePlace } from '../frame/place.ts';
import { chosenFolder, packedPlugin, readFolder, type PluginFiles } from './dropped.ts';

type Listed = OutputOf<'pluginList'>;

/** A stranger's plugin that waits for an answer before anything of it runs. */
interface Question {
  readonly plugin: PluginDescription;
  readonly answer: (yes: boolean) => void;
}

/** The hardware models that are here, and what the user decides about them. */
export const usePlugins = defineStore('plugins', () => {
  const session = useSession();
  const place = usePlace();
  const listed = shallowRef<Listed>({ plugins: [], broken: [] });
  /** Hash of the plugin the plugins' page shows. */
  const chosen = ref('');
  const question = shallowRef<Question | null>(null);
  /** The plugins' page asks for the path of a folder. */
  const naming = ref(false);

  async function refresh(): Promise<void> {
    if (!session.state) return;
    const now = await session.act('pluginList', {});
    if (now) listed.value = now;
  }
  watch(() => session.state?.plugins_revision, refresh, { immediate: true });

  /** Plugins under development that the open session ran with in another version. */
  const changed = computed(() => {
    const ran = session.session?.plugins ?? [];
    return listed.value.plugins.filter(
      ({ place: from, used, id, sha256 }) =>
        from === 'named' && used && ran.some((one) => one.id === id && one.sha256 !== sha256),
    );
  });
  /** Those under development that do not load as they were saved last. */
  const broken = computed(() => listed.value.broken.filter((one) => one.place === 'named'));

  /** Shows what a plugin is and asks for, and waits for the answer. False: it is not to run. */
  async function ask(sha256: string): Promise<boolean> {
    const plugin = await session.act('pluginDescribe', { sha256 });
    if (!plugin) return false;
    question.value?.answer(false);
    return new Promise((resolve) => {
      question.value = {
        plugin,
        answer: (yes) => {
          question.value = null;
          resolve(yes);
        },
      };
    });
  }

  async function trust(sha256: string, trusted: boolean): Promise<boolean> {
    return (await session.act('pluginTrust', { sha256, trusted })) !== undefined;
  }

  /** Asks about each that nobody has trusted; true once all of them are. */
  async function askAndTrust(hashes: readonly string[]): Promise<boolean> {
    for (const sha256 of hashes) {
      if (!(await ask(sha256)) || !(await trust(sha256, true))) return false;
    }
    return true;
  }

  function show(sha256: string): void {
    chosen.value = sha256;
    place.at = 'plugins';
  }

  /** Keeps a copy of a plugin; it runs where the user says so. */
  async function install(read: Promise<PluginFiles>): Promise<void> {
    let files: PluginFiles;
    try {
      files = await read;
    } catch (error) {
      session.failure = error instanceof Error ? error.message : String(error);
      return;
    }
    const installed = await session.act('pluginInstall', files);
    if (!installed) return;
    await refresh();
    const { sha256 } = installed;
    show(sha256);
    const known = listed.value.plugins.find((one) => one.sha256 === sha256);
    if (known?.trusted !== true) await askAndTrust([sha256]);
  }

  /** Uses a folder of this machine, which is read again whenever a file of it is saved. */
  async function useFolder(path: string): Promise<boolean> {
    const named = await session.act('pluginName', { path });
    if (!named) return false;
    await refresh();
    const { sha256 } = named;
    if (sha256 !== undefined && (await ask(sha256))) {
      show(sha256);
      return true;
    }
    const [problem] = listed.value.broken.find((one) => one.path === path)?.problems ?? [];
    await session.act('pluginForget', { path });
    // Nobody can be asked about what cannot be read.
    if (sha256 === undefined) session.failure = `It does not load: ${problem?.message ?? path}.`;
    return false;
  }

  async function chooseFile(): Promise<void> {
    const [file] = await pickFiles('.tgz,.gz', false);
    if (file) await install(packedPlugin(file));
  }

  async function chooseFolder(): Promise<void> {
    const files = await pickFolder();
    if (files.length > 0) await install(chosenFolder(files));
  }

  return {
    listed,
    chosen,
    question,
    naming,
    changed,
    broken,
    show,
    trust,
    askAndTrust,
    install,
    installFile: (file: File) => install(packedPlugin(file)),
    installFolder: (folder: FileSystemDirectoryEntry) => install(readFolder(folder)),
    useFolder,
    chooseFile,
    chooseFolder,
  };
});
