import { createPinia, setActivePinia, type Pinia } from 'pinia';
import type { BenchApi, BenchEvent, CommandName } from '../../../../src/shared/bench/commands.ts';
import type { BenchState, SessionView } from '../../../../src/shared/bench/state.ts';
import { connect, useSession } from '../../../../src/renderer/bench/session.ts';

interface Question {
  readonly name: CommandName;
  readonly input: unknown;
  answer(value: unknown): void;
  refuse(sentence: string): void;
}

const SESSION: SessionView = {
  id: '1',
  title: 'a lab',
  file: 'a.lab.yaml',
  kernel: {
    text: '6.12',
    release: '6.12',
    arch: 'x86_64',
    model: 'sparsemem-vmemmap',
    hypothetical: false,
    overridden: [],
  },
  at: 0,
  length: 9,
  running: false,
  head: null,
  runnable: true,
  hash: '00',
  fn: '',
  actor: '',
  changes: 0,
  actors: [],
  operations: [],
  expectations: [],
  invariants: [],
  breakpoints: [],
  bookmarks: [],
  plugins: [],
  schedule: 'sequential',
  saved: true,
  view: '',
};

/** A bench whose answers the test gives: `asked` holds every question in order. */
export class FakeDoor {
  readonly asked: Question[] = [];
  pinia: Pinia = createPinia();
  private listener: (event: BenchEvent) => void = () => {};
  private session: SessionView | null = SESSION;

  /** Connects fresh stores to this door, with a session open at step 0 of 9. */
  async open(): Promise<void> {
    const api: BenchApi = {
      call: (name, input) => {
        if (name === 'state') return Promise.resolve(this.state() as never);
        return new Promise((resolve, reject) => {
          this.asked.push({
            name,
            input,
            answer: (value) => resolve(value as never),
            refuse: (sentence) => reject(new Error(sentence)),
          });
        });
      },
      listen: (listener) => {
        this.listener = listener;
        return () => {};
      },
    };
    connect(api);
    setActivePinia((this.pinia = createPinia()));
    await useSession().start();
  }

  /** The bench tells that the session differs in this, or that it is closed. */
  tell(change: Partial<SessionView> | null): void {
    this.session = change && { ...(this.session ?? SESSION), ...change };
    this.listener({ type: 'state', state: this.state() });
  }

  names(): string[] {
    return this.asked.map(({ name, input }) => `${name} ${JSON.stringify(input)}`);
  }

  private state(): BenchState {
    return {
      version: '0',
      door: 'web',
      session: this.session,
      plugins_revision: 0,
      library_folder: '',
    };
  }
}
