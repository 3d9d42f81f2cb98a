import type { Library } from '../../sessions/library.ts';
import type { OpenSession } from './open-session.ts';
import { machinePicture } from './picture.ts';
import { writeSummary } from './summary.ts';

/** Saves a session's place, its view, and what opens it again without running it. */
export function saveSession(library: Library, open: OpenSession): void {
  const { session, view } = open;
  const summary = writeSummary(open, machinePicture(session.facts, open.devices));
  library.saveSession(Number(open.id), { position: session.at, view, summary });
  open.saved = true;
}
