/** The parts of a plugin's manifest that say what a model has. */
import { z } from 'zod';
import { wantedReset } from './register-value.ts';

/** The plugin API this pfnlab speaks. A breaking change is a new number. */
export const API_VERSION = 1;

export const LIMITS = {
  manifestBytes: 64 * 1024,
  bundleBytes: 1024 * 1024,
  regions: 1024,
  registers: 4096,
  /** Entries of one register array: the bytes of a 16 MiB label area. */
  registerCount: 16 * 1024 * 1024,
} as const;

export const id = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'a name of letters, digits, - and _')
  .max(64);
export const title = z.string().min(1).max(200);

/** What an action is asked of: `nvdimm0.create-namespace`, a part's `nvdimm0.ns0.bind`, or both. */
export const ACTION_TARGETS = ['device', 'child', 'any'] as const;
export type ActionTarget = (typeof ACTION_TARGETS)[number];

/** A range of physical addresses a device answers; `size` in bytes. */
export const regionSchema = z.strictObject({
  id,
  kind: z.enum(['pmem', 'bar', 'private', 'coherent', 'ram']),
  size: z.union([z.number().int().positive(), z.literal('$config.range.size')]),
  align: z.number().int().positive().default(1),
});

const registerType = z.enum(['bytes', 'u8', 'u16', 'u32', 'u64', 'flag', 'text', 'json']);
export type RegisterType = z.output<typeof registerType>;

/** A register, or an array of `count` of them, that keeps a model's state in the world. */
export const registerSchema = z
  .strictObject({
    id,
    type: registerType,
    count: z.number().int().min(1).max(LIMITS.registerCount).default(1),
    reset: z.union([z.number(), z.string(), z.boolean(), z.null()]).optional(),
  })
  .superRefine(({ type, reset }, ctx) => {
    const wanted = reset === undefined ? undefined : wantedReset(type, reset);
    if (wanted === undefined) return;
    ctx.addIssue({ code: 'custom', message: wanted, path: ['reset'] });
  });

/** A table the window shows for a device: one row for each entry of a register. */
export const viewSchema = z.strictObject({
  kind: z.literal('table'),
  title: title.optional(),
  rows: id,
  fields: z
    .array(
      z.strictObject({
        id: z.string().min(1).max(64),
        title: title.optional(),
        format: z.enum(['text', 'address', 'size', 'count', 'hex']).default('text'),
      }),
    )
    .max(64),
});

export type RegionSpec = Readonly<z.output<typeof regionSchema>>;
export type DeclaredRegister = z.output<typeof registerSchema>;
