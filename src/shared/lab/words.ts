/** Words in a lab file. */
import { z } from 'zod';

export const text = z.string();

/** An errno by its name. */
export const errno = text
  .regex(/^E[A-Z0-9]+$/, 'an errno name such as EINVAL')
  .meta({ id: 'errno', description: 'An errno by its name', examples: ['EINVAL'] });
