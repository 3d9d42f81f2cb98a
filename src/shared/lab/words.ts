/** Words in a lab file. */
import { z } from 'zod';
import { ERRNO } from '../plugins/errno.ts';
import { nearest } from './suggest.ts';

export const text = z.string();

/** What a name that is no errno was meant for: one letter beside one. */
function meantErrno(name: string): string | undefined {
  return Object.hasOwn(ERRNO, name) ? undefined : nearest(name, Object.keys(ERRNO), 1);
}

/** An errno by its name. */
export const errno = text
  .regex(/^E[A-Z0-9]+$/, 'an errno name such as EINVAL')
  .superRefine((name, ctx) => {
    const meant = meantErrno(name);
    if (meant === undefined) return;
    ctx.addIssue({ code: 'custom', message: `an errno; did you mean \`${meant}\`?` });
  })
  .meta({ id: 'errno', description: 'An errno by its name', examples: ['EINVAL'] });
