import type { Kernel } from '../../core/facts.ts';

/** FOLL_* flags of a call, without the prefix; what is left out is not set. */
export interface Foll {
  readonly write?: boolean;
  readonly force?: boolean;
  /** The pages are referenced (get_page). Neither this nor `pin`: they are only faulted in. */
  readonly get?: boolean;
  /** The pages are pinned, for DMA. Excludes `get`. */
  readonly pin?: boolean;
  readonly longterm?: boolean;
  readonly pci_p2pdma?: boolean;
  /** Marks pages accessed, and dirty with `write`. */
  readonly touch?: boolean;
  /** The memory is another task's. */
  readonly remote?: boolean;
  /** get_user_pages_fast_only(): no slow path after it. */
  readonly fast_only?: boolean;
}

const NAMES = [
  'write',
  'force',
  'get',
  'pin',
  'longterm',
  'pci_p2pdma',
  'touch',
  'remote',
  'fast_only',
] as const satisfies readonly (keyof Foll)[];

/** "FOLL_WRITE|FOLL_PIN", in a fixed order; '' for none. */
export function follText(flags: Foll): string {
  return NAMES.filter((name) => flags[name] === true)
    .map((name) => `FOLL_${name.toUpperCase()}`)
    .join('|');
}

/** The flags a text of follText() stands for. */
export function follFlags(text: string): Foll {
  const has = text.split('|');
  const entries = NAMES.map((name) => [name, has.includes(`FOLL_${name.toUpperCase()}`)] as const);
  return Object.fromEntries(entries.filter(([, set]) => set));
}

/** Are pages wanted, or is it enough that they are there? */
export function wantsPages({ get, pin }: Foll): boolean {
  return get === true || pin === true;
}

/** Is a pin of this kernel counted apart from a reference? */
export function countsPins(k: Kernel, { pin }: Foll): boolean {
  return pin === true && k.facts.era.get('foll_pin');
}
