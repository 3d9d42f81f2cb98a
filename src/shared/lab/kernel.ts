/** The kernel a lab boots. */
import { z } from 'zod';
import { ARCHITECTURES, MEMORY_MODELS } from './architecture.ts';
import { toValue, valueMap } from './value.ts';

const version = z
  .string()
  .regex(/^\d+\.\d+/, 'a kernel version such as "6.12", "6.1.192" or a vendor banner')
  .meta({
    description:
      'A mainline version ("6.12" is v6.12.0), a point release, or a vendor banner; quoted, because 6.10 is not 6.1',
  });

/** Switches one lab sets: more than there are. */
const MAX_SWITCHES = 1024;
const SWITCH_EXPECTED = 'true, false, a number or a word';

const switchValue = z
  .any()
  .transform((input, ctx): boolean | string | number => {
    const read = toValue(input);
    if (typeof read === 'boolean' || typeof read === 'string' || typeof read === 'number')
      return read;
    ctx.issues.push({ code: 'custom', message: SWITCH_EXPECTED, input });
    return z.NEVER;
  })
  .meta({
    id: 'switch',
    description: 'Value of a switch',
    type: ['boolean', 'string', 'number'],
  });

export const kernelSchema = z.strictObject({
  version,
  arch: z.enum(ARCHITECTURES).default('x86_64').describe('Architecture it is built for'),
  model: z
    .enum(MEMORY_MODELS)
    .default('sparsemem-vmemmap')
    .describe('Memory model: how a PFN leads to its struct page'),
  cmdline: z.string().default('').describe('Its command line'),
  config: valueMap
    .default({})
    .describe("Kconfig names, without `CONFIG_`, and values that differ from the default kernel's"),
  switches: z
    .record(z.string(), switchValue)
    .refine((given) => Object.keys(given).length <= MAX_SWITCHES, {
      error: `it has more than ${MAX_SWITCHES} entries`,
      params: { sentence: true },
    })
    .default({})
    .describe('Behaviours of other kernels, by the names of their switches'),
  hypothetical: z
    .boolean()
    .default(false)
    .describe('Must be true for a combination no kernel ever had'),
});

export type Kernel = z.output<typeof kernelSchema>;
