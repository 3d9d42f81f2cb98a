/** Every kind of expectation: what must be true of the world, each naming only what it is about. */
import { z } from 'zod';
import type { Place } from '../place.ts';
import type { Path } from '../problem.ts';
import type { ValueMap } from '../value.ts';
import { DEVICES } from './devices.ts';
import { LAYOUT } from './layout.ts';
import { MEMORY } from './memory.ts';
import { RUN } from './run.ts';
import type { ExpectationDeclaration } from './declaration.ts';

/** PFNs and page counts are numbers, addresses bigints with inclusive ends, as the kernel prints them. */
export const EXPECTATIONS = { ...LAYOUT, ...MEMORY, ...DEVICES, ...RUN };

export type ExpectKind = keyof typeof EXPECTATIONS;
export const EXPECT_KINDS = Object.keys(EXPECTATIONS) as ExpectKind[];

/** The values of a shape; a shape without fields says nothing. */
type Values<S extends z.ZodRawShape> = keyof S extends never ? unknown : z.output<z.ZodObject<S>>;
type Where<K extends ExpectKind> = Values<(typeof EXPECTATIONS)[K]['where']>;
type Compared<K extends ExpectKind> = Values<(typeof EXPECTATIONS)[K]['compared']>;

/** What one kind of expectation may say. */
export type Want<K extends ExpectKind> = Where<K> & Compared<K>;

/** What is there under the names that an expectation compares. */
export type FoundFields<K extends ExpectKind> = {
  readonly [F in keyof Compared<K>]?: unknown;
};

function schemaOf(kind: ExpectKind): z.ZodObject {
  const { where, compared, others }: ExpectationDeclaration = EXPECTATIONS[kind];
  const shape = { ...where, ...compared };
  return others ? z.object(shape).catchall(others) : z.strictObject(shape);
}

/** The schema of each kind. */
export const EXPECT_SCHEMAS: ReadonlyMap<string, z.ZodObject> = new Map(
  EXPECT_KINDS.map((kind) => [kind, schemaOf(kind)]),
);

/** One expectation and where it was written. */
export type ExpectEntry = {
  [K in ExpectKind]: { kind: K; want: Want<K>; source: ExpectSource };
}[ExpectKind];

/** Where an expectation stands: in a lab also in its document, of an imported one in the log it is of. */
export interface ExpectSource extends Place {
  path?: Path;
}

/** What an operation itself must answer. */
export interface OutcomeExpect {
  /** Name of the errno it must fail with. */
  errno?: string | undefined;
  /** True: it must succeed. */
  ok?: boolean | undefined;
  /** Fields of its result. */
  returns: ValueMap;
  /** What must hold in the world right after it. */
  state: ExpectEntry[];
  source: Place;
}
