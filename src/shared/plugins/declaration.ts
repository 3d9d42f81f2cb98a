/** How a service is declared that a driver, and so a hardware model, may call: once. */
import { z } from 'zod';
import type { ErrnoName } from './errno.ts';

/**
 * One kernel function; its name is its key among the services, what it is bound to stands in the
 * engine under it. The run-time check and the public types of the plugin API are derived.
 */
export interface ServiceDeclaration {
  /** A few words. */
  readonly title: string;
  /** One or two sentences: what it does, and what is special about it. */
  readonly description: string;
  /** First kernel that has it and first that has it no more, where these are modelled. */
  readonly since?: string;
  readonly until?: string;
  /** A strict object whose fields say their meaning; units come from their kinds. */
  readonly args: z.ZodObject;
  /** What `yield` gives back unless it is a negative errno. */
  readonly returns: z.ZodType;
  /** Errnos it can give, with what raises them. */
  readonly fails: Readonly<Partial<Record<ErrnoName, string>>>;
}

export type Declarations = Readonly<Record<string, ServiceDeclaration>>;

/** Arguments as the engine gets them: checked, with defaults filled in. */
export type ArgsOf<D extends ServiceDeclaration> = z.output<D['args']>;
export type ResultOf<D extends ServiceDeclaration> = z.output<D['returns']>;

export const U64_MAX = 2n ** 64n - 1n;
/** Bytes of the whole physical address space: no BAR reaches past it. */
export const MAX_PHYSICAL = 1n << 52n;

export const address = z.bigint().min(0n).max(U64_MAX).meta({ unit: 'bytes' });
export const bytes = z.bigint().min(0n).max(U64_MAX).meta({ unit: 'bytes' });
export const pfn = z.int().min(0).meta({ unit: 'PFN' });
/** Pages, at least one. */
export const pages = z.int().min(1).meta({ unit: 'pages' });
/** Pages of which the kernel function itself says whether there may be so many. */
export const pageCount = z.int().meta({ unit: 'pages' });
export const integer = z.int();
export const text = z.string();
export const flag = z.boolean();
export const nothing = z.void();
export const list = <T extends z.ZodType>(entry: T) => z.array(entry).readonly();
/** A page order: 2^order pages. */
export const order = (max: number) => z.int().min(0).max(max).default(0);

/** A rule between fields, told as a sentence. */
export function rule<T>(
  holds: (value: T) => boolean,
  sentence: string,
): [(value: T) => boolean, { error: string }] {
  return [holds, { error: sentence }];
}

/** A run of pages. */
export const pfnRun = z
  .strictObject({ pfn: pfn.describe('First page'), end: pfn.describe('Past the last page') })
  .refine(
    ...rule<{ pfn: number; end: number }>(
      (run) => run.pfn < run.end,
      'pfn and end take a run of pages, end exclusive',
    ),
  )
  .meta({ id: 'PfnRun', description: 'A run of pages by PFN, end exclusive' });

export const range = z
  .strictObject({ start: address.describe('First byte'), end: address.describe('Last byte') })
  .meta({
    id: 'Range',
    description: 'A range of physical addresses in bytes; `end` inclusive as in struct range',
  });
