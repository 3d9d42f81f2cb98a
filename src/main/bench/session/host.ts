import type { BenchError, BenchResult } from '../../../shared/bench/command.ts';
import { COMMANDS, type BenchEvent, type CommandName } from '../../../shared/bench/commands.ts';
import type { BenchState } from '../../../shared/bench/state.ts';
import { formatFailure, SessionError } from '../../sessions/failure.ts';
import type { BenchOptions } from '../bench.ts';
import { HANDLERS } from './handlers/handlers.ts';
import type { OpenSession } from './open-session.ts';
import { pluginSet } from './plugin-set.ts';
import { Refusal } from './refusal.ts';
import { Workspace } from './workspace.ts';

/** Everything behind the commands. Lives in the engine's thread; knows no transport. */
export class Host {
  private readonly workspace: Workspace;

  /** Loads the plugins and opens the library; what fails there is told in the state. */
  static async open(options: BenchOptions, tell: (event: BenchEvent) => void): Promise<Host> {
    const { root, folder: data, plugins: named = [], withoutPlugins: without = [] } = options;
    const plugins = await pluginSet({ root, data, named, without });
    return new Host(new Workspace(options, tell, plugins));
  }

  private constructor(workspace: Workspace) {
    this.workspace = workspace;
  }

  /** Runs a command whose input was validated. Never throws. */
  async handle(name: CommandName, input: unknown): Promise<BenchResult<unknown>> {
    const { workspace } = this;
    const { title, on, output, changes } = COMMANDS[name];
    // By name alone the compiler cannot know that the input is this command's: its schema took it.
    const handler = HANDLERS[name] as (on: OpenSession | Workspace, input: unknown) => unknown;
    try {
      const before = workspace.open;
      const place = before?.session.at;
      const value = await handler(on === 'session' ? workspace.need() : workspace, input);
      const answer = output.safeParse(value);
      if (!answer.success) {
        const [issue] = answer.error.issues;
        const message = `${title}: the answer does not fit the contract: ${issue?.path.join('.')} ${issue?.message}`;
        return { ok: false, error: { code: 'internal', message } };
      }
      const moved = workspace.open !== before || workspace.open?.session.at !== place;
      if (moved || changes) workspace.told();
      return { ok: true, value: answer.data };
    } catch (error) {
      return { ok: false, error: problemOf(error, title) };
    }
  }

  state(): BenchState {
    return this.workspace.state();
  }

  async close(): Promise<void> {
    this.workspace.plugins.close();
    await this.workspace.closeSession();
    await this.workspace.recordings.close();
  }
}

function problemOf(error: unknown, title: string): BenchError {
  if (error instanceof Refusal) return error.problem;
  if (error instanceof SessionError) {
    return { code: error.failure.code, message: formatFailure(error.failure) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message: `${title} failed: ${message}` };
}
