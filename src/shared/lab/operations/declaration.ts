/** How an operation of a lab's program is declared: once, with everything that is derived from it. */
import { z } from 'zod';

/** Who does it: a process to its own memory, root through sysfs or a tool, the kernel, anybody. */
export type Doer = 'process' | 'administrator' | 'kernel' | 'any';

/** One operation; its name is its key in {@link OPERATIONS}, its body stands in the engine under it. */
export interface OperationDeclaration {
  /** A few words for menus and lists. */
  readonly title: string;
  /** One or two sentences: what it stands for, and what is special about the model of it. */
  readonly description: string;
  readonly by: Doer;
  /** First kernel that has it, where that is later than 4.3. */
  readonly since?: string;
  /** Arguments: a strict object whose fields say their meaning; units come from their kinds. */
  readonly args: z.ZodObject;
  /** Fields of its result, which an entry's `expect` may name. */
  readonly returns: z.ZodRawShape;
  /** Errors it can end in, with what raises them. */
  readonly fails: Readonly<Record<string, string>>;
  /** An entry of a program, as YAML. */
  readonly example: string;
}

export const flag = z.boolean().default(false);

/** A rule between arguments, told as a sentence at one of them. */
export function rule<T>(
  holds: (args: T) => boolean,
  sentence: string,
  at: keyof T & string,
): [(args: T) => boolean, { error: string; path: string[]; params: object }] {
  return [holds, { error: sentence, path: [at], params: { sentence: true } }];
}
