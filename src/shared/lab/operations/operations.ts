/** Every operation of a lab's program that is not a device's. */
import { z } from 'zod';
import { kindOf } from '../fields.ts';
import { ADDRESS_SPACE } from './address-space.ts';
import type { OperationDeclaration } from './declaration.ts';
import { FILES } from './files.ts';
import { HOTPLUG } from './hotplug.ts';
import { PAGES } from './pages.ts';
import { PROCESSES } from './processes.ts';

const PROGRAM = {
  boot: {
    title: 'Boot the kernel',
    description: 'From the firmware map to the end of start_kernel(); drivers bind right after it.',
    by: 'kernel',
    args: z.strictObject({}),
    returns: {},
    fails: {},
    example: 'boot',
  },
  expect: {
    title: 'Check the world here',
    description:
      'Does nothing: what the entry expects is checked where it stands. Written as `- expect: [...]`.',
    by: 'any',
    args: z.strictObject({}),
    returns: {},
    fails: {},
    example: 'expect: [zone: { node: 0, zone: Normal, present: 0 }]',
  },
} satisfies Record<string, OperationDeclaration>;

export const OPERATIONS = {
  ...PROGRAM,
  ...ADDRESS_SPACE,
  ...PROCESSES,
  ...FILES,
  ...PAGES,
  ...HOTPLUG,
};

export type OperationName = keyof typeof OPERATIONS;

/** What the body of an operation gets: its arguments, checked, with their defaults. */
export type ArgumentsOf = {
  [N in OperationName]: z.output<(typeof OPERATIONS)[N]['args']>;
};

/** What a successful body gives back; of one without fields, anything. */
export type ResultOf = {
  [N in OperationName]: keyof (typeof OPERATIONS)[N]['returns'] extends never
    ? unknown
    : {
        readonly [F in keyof z.output<z.ZodObject<(typeof OPERATIONS)[N]['returns']>>]: unknown;
      };
};

export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];

/** Arguments of an operation that are addresses. */
export function addressesOf(op: string): string[] {
  const shape: z.core.$ZodShape = isOperation(op) ? OPERATIONS[op].args.shape : {};
  return Object.keys(shape).filter((name) => shape[name] && kindOf(shape[name]) === 'address');
}

export function isOperation(name: string): name is OperationName {
  return Object.hasOwn(OPERATIONS, name);
}
