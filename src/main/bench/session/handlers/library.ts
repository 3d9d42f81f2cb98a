import type { InputOf, OutputOf } from '../../../../shared/bench/commands.ts';
import type { LibraryEntry } from '../../../../shared/bench/state.ts';
import type { RecordingInfo } from '../../../sessions/recording-row.ts';
import type { Recordings } from '../recordings.ts';
import { Refusal } from '../refusal.ts';
import { readSummary } from '../summary.ts';

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

/** Id of a recording as the window knows it; a refusal where there is none. */
export function recordingId(recordings: Recordings, id: string): number {
  const number = Number(id);
  if (!Number.isSafeInteger(number) || !recordings.need().recording(number)) {
    throw new Refusal('no-recording', `the library has no recording ${id}`);
  }
  return number;
}

export function listRecordings(recordings: Recordings): OutputOf<'libraryList'> {
  const { library } = recordings;
  return { entries: library ? library.recordings().map(entryOf) : [] };
}

export function removeRecording(
  recordings: Recordings,
  { id }: InputOf<'libraryRemove'>,
): OutputOf<'libraryRemove'> {
  recordings.need().removeRecording(recordingId(recordings, id));
  return {};
}
