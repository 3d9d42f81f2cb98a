/** How an expectation is declared: what it is about, and what it may say of it. */
import { z } from 'zod';
import { text } from '../words.ts';

/** One kind of expectation; its key in {@link EXPECTATIONS} is its key in a lab file. */
export interface ExpectationDeclaration {
  readonly title: string;
  /** What it looks at, and where a kernel shows it. */
  readonly description: string;
  /** Fields that say where to look. */
  readonly where: z.ZodRawShape;
  /** Fields that are compared with what is there; without any, it must be there. */
  readonly compared: z.ZodRawShape;
  /** What other names may hold, where any name may be compared. */
  readonly others?: z.ZodType;
  /** An entry of `expect`, as YAML. */
  readonly example: string;
}

/** May the thing be missing? Compared with whether it is there. */
export const exists = z
  .boolean()
  .optional()
  .describe('Whether it is there at all; `false` where it must not be');

/** Zone names as `mm/page_alloc.c:zone_names` has them. */
export const ZONE_NAMES = ['DMA', 'DMA32', 'Normal', 'HighMem', 'Movable', 'Device'] as const;
export type ZoneName = (typeof ZONE_NAMES)[number];

export const zoneName = z.enum(ZONE_NAMES).describe('The zone');
export const flags = z.array(text).optional();
