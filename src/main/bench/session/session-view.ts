import type { SessionView } from '../../../shared/bench/state.ts';
import type { OpenSession } from './open-session.ts';

/** What the window shows around a session. */
export function sessionView(open: OpenSession): SessionView {
  const { session, kernel } = open;
  const step = session.at > 0 ? session.source.step(session.at) : undefined;
  const actors = new Set<string>();
  for (const { actor } of open.operations) actors.add(actor);
  return {
    id: open.id,
    title: open.title,
    file: open.labName,
    kernel: {
      text: kernel.text,
      release: kernel.release,
      arch: kernel.arch,
      model: kernel.model,
      ...(kernel.assumption ? { assumption: kernel.assumption } : {}),
      hypothetical: kernel.hypothetical,
      overridden: [...kernel.overridden],
    },
    at: session.at,
    length: session.length,
    running: open.running !== undefined,
    head: open.live?.paused ? { offered: [...open.live.offered()], moves: open.live.moves } : null,
    runnable: open.whyNotRunnable === undefined,
    ...(open.whyNotRunnable ? { why_not_runnable: open.whyNotRunnable } : {}),
    hash: session.hash(),
    fn: step?.fn ?? '',
    actor: step?.actor ?? '',
    changes: step?.diff.length ?? 0,
    actors: [...actors],
    operations: open.operations,
    expectations: session.expectations,
    invariants: session.violations,
    breakpoints: session.breakpointViews(),
    bookmarks: session.bookmarks,
    plugins: open.plugins.map(({ id, version, sha256, missing }) => ({
      id,
      version,
      sha256,
      missing,
    })),
    schedule: open.schedule,
    saved: open.saved,
    ...(open.stopped ? { stopped: open.stopped } : {}),
    view: open.view,
  };
}
