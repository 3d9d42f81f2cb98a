/** Processes and threads. */
import { z } from 'zod';
import { count } from '../quantity.ts';
import { text } from '../words.ts';
import type { OperationDeclaration } from './declaration.ts';

const child = text.min(1).describe('Name of the new actor');
const STARTED = {
  pid: count.describe('Its process number'),
  child: text.describe('Name of the new actor'),
};

export const PROCESSES = {
  fork: {
    title: 'Fork',
    description:
      'fork(2): the child has a copy of the address space, shared until somebody writes.',
    by: 'process',
    args: z.strictObject({ child }),
    returns: STARTED,
    fails: {
      EEXIST: 'There is a process of that name',
      ENOMEM: 'Too many address spaces, or a pinned page could not be copied',
    },
    example: '{ actor: app, do: fork, child: heir }',
  },
  thread: {
    title: 'Start a thread',
    description: 'clone(2) with CLONE_VM: another actor runs in the same address space.',
    by: 'process',
    args: z.strictObject({ child }),
    returns: STARTED,
    fails: { EEXIST: 'There is a task of that name' },
    example: '{ actor: app, do: thread, child: app-2 }',
  },
  exit: {
    title: 'Exit',
    description: 'The process ends and its address space goes.',
    by: 'process',
    args: z.strictObject({}),
    returns: {},
    fails: { ESRCH: 'It has ended before' },
    example: '{ actor: app, do: exit }',
  },
} satisfies Record<string, OperationDeclaration>;
