/** What a model sees of where it runs, besides what it asks for: once. */
import { z } from 'zod';
import type { Value } from '../world/value.ts';
import * as d from './declaration.ts';

export const deviceFacts = z
  .strictObject({
    id: d.text.describe('As the lab names it'),
    model: d.text,
    node: d.integer.describe('NUMA node'),
    range: z
      .strictObject({ start: d.address, size: d.bytes })
      .readonly()
      .nullable()
      .describe('Bytes; null when the lab gives none'),
    config: z
      .record(z.string(), z.custom<Value>())
      .readonly()
      .describe(
        "As the manifest's `config` describes it, defaults filled in; sizes and addresses are bigint",
      ),
    index: d.integer.describe(
      "Position among the lab's devices of this model, from 0: `region1` is the second NVDIMM",
    ),
  })
  .readonly()
  .meta({ id: 'Device', description: 'A device of the lab, as its model sees it' });
export type DeviceFacts = z.output<typeof deviceFacts>;

/** Constants of the architecture, by the kernel's names in lower case. */
export const archConstants = z.strictObject({
  name: d.text.describe('As a lab names it'),
  page_shift: d.integer,
  section_size_bits: d.integer,
  sizeof_page: d.integer.describe('sizeof(struct page) in bytes'),
  pmd_shift: d.integer,
  pages_per_section: d.integer,
  pages_per_subsection: d.integer,
  pageblock_order: d.integer.describe('A pageblock has 2^pageblock_order pages'),
  max_page_order: d.integer.describe('MAX_PAGE_ORDER: of the largest free block'),
});
export type ArchConstants = Readonly<z.output<typeof archConstants>>;

export const ARCH_CONSTANT_NAMES = archConstants.keyof().options;
