import { boot } from './boot.ts';
import { buddy } from './buddy.ts';
import { cxl } from './cxl.ts';
import { dax } from './dax.ts';
import { devicePage } from './device-page.ts';
import { dma } from './dma.ts';
import { gup } from './gup.ts';
import { hmm } from './hmm.ts';
import { hotplug } from './hotplug.ts';
import { hotplugArch } from './hotplug-arch.ts';
import { memmodel } from './memmodel.ts';
import { memoryFailure } from './memory-failure.ts';
import { mm } from './mm.ts';
import { nvdimm } from './nvdimm.ts';
import { p2pdma } from './p2pdma.ts';
import { page } from './page.ts';
import { pgmap } from './pgmap.ts';
import { pgmapRef } from './pgmap-ref.ts';
import { tiers } from './tiers.ts';
import type { Subject } from './subject.ts';
import type { EraSwitch } from './switch.ts';

/** The switches, grouped by what they are about. */
export const SUBJECTS = {
  boot,
  buddy,
  cxl,
  dax,
  devicePage,
  dma,
  gup,
  hmm,
  hotplug,
  hotplugArch,
  memmodel,
  memoryFailure,
  mm,
  nvdimm,
  p2pdma,
  page,
  pgmap,
  pgmapRef,
  tiers,
};

type AnySubject = (typeof SUBJECTS)[keyof typeof SUBJECTS];
type NamesIn<S> = S extends Subject<infer All> ? keyof All & string : never;
type ValueIn<S, N extends string> =
  S extends Subject<Readonly<Record<N, EraSwitch<infer V>>>> ? V : never;

export type SwitchName = NamesIn<AnySubject>;
export type SwitchValueOf<N extends SwitchName> = ValueIn<AnySubject, N>;

/** Every behaviour switch, by the name a lab may override it with. */
export const SWITCHES: Readonly<Record<string, EraSwitch>> = Object.fromEntries(
  Object.values(SUBJECTS).flatMap(({ switches }) => Object.entries(switches)),
);
