import type { Verb } from '../verb.ts';
import { checkVerb } from './check.ts';
import { installVerb, removeVerb, trustVerb } from './install.ts';
import { listVerb } from './list.ts';
import { newVerb } from './new.ts';
import { packVerb } from './pack.ts';
import { testVerb } from './test.ts';

/** `plugin ...`, in the order in which an author needs them. */
export const PLUGIN_VERBS: readonly Verb[] = [
  newVerb,
  checkVerb,
  testVerb,
  packVerb,
  installVerb,
  trustVerb,
  listVerb,
  removeVerb,
];
