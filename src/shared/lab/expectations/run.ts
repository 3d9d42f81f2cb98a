/** Expectations of the run itself. */
import { z } from 'zod';
import { INVARIANT_IDS } from '../invariants.ts';
import { count } from '../quantity.ts';
import { errno, text } from '../words.ts';
import { exists, type ExpectationDeclaration } from './declaration.ts';

export const RUN = {
  invariant: {
    title: 'A broken invariant',
    description: 'One the run breaks; with `exists: false`, one it does not break.',
    where: {
      id: z.enum(INVARIANT_IDS).describe('Which'),
      fn: text.optional().describe('Function whose step breaks it'),
      actor: text.optional().describe('Who breaks it'),
      step: count.optional().describe('The step'),
    },
    compared: { exists },
    example: 'invariant: { id: pte-to-free-page, exists: false }',
  },
  error: {
    title: 'An error of the kernel',
    description: 'Raised somewhere in the run.',
    where: {
      errno,
      fn: text.optional().describe('Function that raised it'),
      check: text.optional().describe('A part of the condition that raised it'),
      step: count.optional().describe('The step'),
    },
    compared: {},
    example: 'error: { errno: EBUSY, fn: state_store }',
  },
} satisfies Record<string, ExpectationDeclaration>;
