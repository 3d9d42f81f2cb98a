import type { Candidate } from '../../plugins/candidate.ts';
import type { PluginPlace } from '../../../shared/bench/plugins.ts';

/** A plugin that was read, and where it was found. */
export interface Found {
  readonly candidate: Candidate;
  readonly place: PluginPlace;
}

/** How messages tell plugins apart: `org.example.toy 1.0.0 (sha256 0123456789ab, installed, PATH)`. */
export function foundText({ candidate: { origin, files }, place }: Found): string {
  return `${origin.id} ${origin.version} (sha256 ${origin.sha256.slice(0, 12)}, ${place}, ${files.place})`;
}
