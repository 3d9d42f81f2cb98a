import { join } from 'node:path';
import type { Step, StepReturn } from '../../../shared/world/step.ts';
import type { Choice } from '../../engine/core/world/actors.ts';
import type { Store } from '../../engine/core/world/store.ts';
import { formatFailure, type SessionFailure } from '../../sessions/failure.ts';
import { Library, LIBRARY_FILE, type NewRecording } from '../../sessions/library.ts';
import { ChannelPort } from '../../sessions/recorder-channel.ts';
import { RecorderClient } from '../../sessions/recorder-client.ts';
import { RecorderThread } from '../../sessions/recorder-thread.ts';
import { Refusal } from './refusal.ts';

/** A run that is being recorded. */
export interface Recording {
  readonly id: number;
  step(step: Step): void;
  returned(event: StepReturn): void;
  /** Everything is told: writes the rest, and answers when it is safe. */
  end(hash: string | undefined): Promise<void>;
}

/** Who records runs: the user's library, or a file to be written. */
export interface Recorder {
  /**
   * Starts recording a run whose steps change `store`; undefined where nothing can be saved.
   * `goesOn`: a recording that holds that many of its steps already.
   */
  record(
    about: NewRecording,
    store: Store,
    choices: readonly Choice[],
    goesOn?: { readonly id: number; readonly recorded: number },
  ): Promise<Recording | undefined>;
}

/** The user's library and the thread that writes into it. Without a library nothing is saved. */
export class Recordings implements Recorder {
  readonly library: Library | undefined;
  readonly folder: string;
  /** Why there is no library, or why a recording failed. */
  problem: string | undefined;
  private thread: RecorderThread | undefined;
  private readonly onProblem: () => void;

  constructor(folder: string, onProblem: () => void) {
    this.folder = folder;
    this.onProblem = onProblem;
    const opened = Library.open(folder);
    if (opened.ok) this.library = opened.value;
    // Nobody can be told yet: whoever opens this asks for `problem`.
    else this.problem = `${formatFailure(opened.failure)}; nothing will be saved`;
  }

  private fail(failure: SessionFailure, consequence: string): void {
    this.problem = `${formatFailure(failure)}; ${consequence}`;
    this.onProblem();
  }

  /** The library, or a refusal that says why there is none. */
  need(): Library {
    if (!this.library) {
      throw new Refusal('no-library', this.problem ?? 'there is no library');
    }
    return this.library;
  }

  /** Number of a recording that the window knows by its id; a refusal where there is none. */
  idOf(id: string): number {
    const number = Number(id);
    if (!Number.isSafeInteger(number) || !this.need().recording(number)) {
      throw new Refusal('no-recording', `the library has no recording ${id}`);
    }
    return number;
  }

  async record(
    about: NewRecording,
    store: Store,
    choices: readonly Choice[],
    goesOn?: { readonly id: number; readonly recorded: number },
  ): Promise<Recording | undefined> {
    const { library } = this;
    if (!library) return undefined;
    const id = goesOn?.id ?? library.createRecording(about);
    const thread = this.startThread(library);
    const channel = await thread.attach(id);
    if (!channel.ok) {
      this.fail(channel.failure, 'this run is not saved');
      return undefined;
    }
    const client = new RecorderClient(new ChannelPort(channel.value), {
      store,
      choices,
      ...(goesOn ? { recorded: goesOn.recorded } : {}),
    });
    return {
      id,
      step: (step) => client.step(step),
      returned: (event) => client.returned(event),
      end: async (hash) => {
        const ended = thread.ended(id);
        client.end(hash);
        const event = await ended;
        if (event?.type === 'failed') this.fail(event.failure, 'the end of this run is not saved');
      },
    };
  }

  private startThread(library: Library): RecorderThread {
    if (!this.thread) {
      this.thread = new RecorderThread(library.path);
      this.thread.onEvent((event) => {
        if (event.type === 'failed') this.fail(event.failure, 'recording stopped');
      });
    }
    return this.thread;
  }

  async close(): Promise<void> {
    await this.thread?.close();
    this.library?.close();
  }

  get path(): string {
    return join(this.folder, LIBRARY_FILE);
  }
}
