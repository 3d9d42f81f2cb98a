/** What a schema can read of a value that is not all right. */
import { z } from 'zod';

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  const wraps =
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional;
  return wraps ? unwrapped(schema.unwrap()) : schema;
}

/**
 * The value of a record without its unreadable fields, and of a list with holes (undefined) for
 * entries that are not all right; undefined where nothing can be read.
 */
export function readable(schema: z.core.$ZodType, value: unknown): unknown {
  const whole = z.safeParse(schema, value);
  if (whole.success) return whole.data;
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodObject && typeof value === 'object' && value !== null) {
    const fields = new Map(Object.entries(value));
    return Object.fromEntries(
      Object.entries(inner.shape).map(([name, field]) => [name, readable(field, fields.get(name))]),
    );
  }
  if (inner instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((entry) => z.safeParse(inner.element, entry).data);
  }
  return undefined;
}
