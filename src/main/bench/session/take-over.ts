import type { PluginCatalogue } from '../plugins/catalogue.ts';
import { actorViews } from '../inspect/actors.ts';
import type { RunListener } from './live-run.ts';
import type { OpenSession } from './open-session.ts';
import type { Recorder } from './recordings.ts';
import { Refusal } from './refusal.ts';
import { openRun } from './sessions.ts';

/**
 * Makes the run of a session again, under what was chosen, up to the step the session stands at,
 * where it waits for a choice. A refusal where it comes out differently.
 */
export async function takeOver(
  old: OpenSession,
  plugins: PluginCatalogue,
  recorder: Recorder,
  listener: RunListener,
): Promise<OpenSession> {
  if (old.whyNotRunnable !== undefined) {
    throw new Refusal(
      'not-runnable',
      `this recording cannot be gone on with: ${old.whyNotRunnable}`,
    );
  }
  const { labName, labText, id } = old;
  const { at, length } = old.session;
  const again = {
    choices: old.choices().filter(({ step }) => step <= at),
    at,
    hash: old.session.hash(),
    id: at === length && id !== '' && !old.live ? Number(id) : undefined,
  };
  const where = { folder: old.labFolder, pins: old.plugins, without: old.without };
  const opened = await openRun(labName, labText, plugins, recorder, listener, where, again);
  if (!opened.ok) throw new Refusal('bad-lab', opened.problems[0]?.message ?? 'it cannot be run');
  const { open } = opened;
  opened.start();
  await open.running;
  open.running = undefined;
  const { session } = open;
  if (session.length === at) {
    const before = actorViews(old.session.inspection(), old.session.actorSteps, old.operations);
    open.live?.settle(open, (id) => before.some((one) => one.id === id && one.stack.length === 0));
  }
  if (session.length < at || session.source.length !== at) {
    throw new Refusal('other-run', `the run made again ends at step ${session.length}`);
  }
  session.seek(at);
  if (session.hash() !== again.hash) {
    await open.live?.close(open);
    throw new Refusal(
      'other-run',
      `the run made again is in another state at step ${at}: another version made the recording`,
    );
  }
  session.restore(
    old.session.breakpoints,
    old.session.bookmarks.filter(({ step }) => step <= at),
  );
  open.schedule = 'by hand';
  return open;
}
