import type { libraryCommands } from '../../../../shared/bench/commands/library.ts';
import type { LibraryEntry } from '../../../../shared/bench/state.ts';
import type { RecordingInfo } from '../../../sessions/recording-row.ts';
import { readSummary } from '../summary.ts';
import type { Handlers } from './handlers.ts';

/** A recording as the welcome screen lists it. */
function entryOf(info: RecordingInfo): LibraryEntry {
  const { arch, picture } = readSummary(info.summary);
  return {
    id: String(info.id),
    title: info.title,
    file: info.labName,
    kernel: info.kernel,
    // A run that was killed has no summary yet: its lab names the architecture.
    arch: arch || (/\barch:\s*["']?(\w+)/.exec(info.labText)?.[1] ?? ''),
    at: info.position,
    length: info.steps,
    status: info.status,
    opened: Date.parse(info.changed),
    picture,
  };
}

export const libraryHandlers: Handlers<typeof libraryCommands> = {
  libraryList: ({ recordings: { library } }) => ({
    entries: library ? library.recordings().map(entryOf) : [],
  }),
  libraryOpen: (workspace, { id }) => workspace.openRecording(id),
  libraryRemove: async (workspace, { id }) => {
    const { recordings } = workspace;
    if (workspace.open?.id === id) await workspace.closeSession();
    recordings.need().removeRecording(recordings.idOf(id));
    return {};
  },

  sessionSave: (workspace, { view }) => {
    workspace.recordings.need();
    if (view !== undefined) workspace.need().view = view;
    return { saved: workspace.save() };
  },
  sessionShare: (workspace) => workspace.share(),
  sessionOpenShared: (workspace, { name, base64 }) =>
    workspace.openShared(name, Buffer.from(base64, 'base64')),
  sessionClose: async (workspace) => {
    await workspace.closeSession();
    return {};
  },
};
