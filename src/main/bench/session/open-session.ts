import type { OperationView } from '../../../shared/bench/state.ts';
import type { PluginRef } from '../../sessions/recording-row.ts';
import type { Choice } from '../../engine/core/world/actors.ts';
import type { DeviceRange } from '../inspect/machine.ts';
import type { LiveRun } from './live-run.ts';
import type { Recording } from './recordings.ts';
import type { Session } from './session.ts';

/** A session with what the window shows around it. */
export interface OpenSession {
  /** Id of its recording in the library; '' where nothing is saved. */
  readonly id: string;
  readonly title: string;
  readonly labName: string;
  readonly labText: string;
  /** The folder the lab lies in, where that is known. */
  readonly labFolder: string | undefined;
  /** Ids of plugins it was to be made without. */
  readonly without: readonly string[] | undefined;
  readonly kernel: {
    readonly text: string;
    readonly release: string;
    readonly arch: string;
    readonly model: string;
    readonly assumption: string | undefined;
    readonly hypothetical: boolean;
    readonly overridden: readonly string[];
  };
  readonly devices: readonly DeviceRange[];
  readonly plugins: readonly (PluginRef & { readonly missing: boolean })[];
  readonly session: Session;
  /** Steps of the program's entries, in order. */
  operations: OperationView[];
  schedule: string;
  /** Why the run cannot be made here; undefined where it can. */
  readonly whyNotRunnable: string | undefined;
  /** The run that makes the steps; undefined for a recording. */
  readonly live: LiveRun | undefined;
  /** What was chosen, for making the run again. */
  readonly choices: () => readonly Choice[];
  /** While the run goes on by itself. */
  running: Promise<void> | undefined;
  recording: Recording | undefined;
  /** Why the run stopped early. */
  stopped: string | undefined;
  /** Layout and selection of the window, as it saved them. */
  view: string;
  /** Place, bookmarks and view are as the library has them. */
  saved: boolean;
}
