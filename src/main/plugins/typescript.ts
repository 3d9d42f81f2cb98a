import { createRequire } from 'node:module';
import type { SourceFault } from './source-scan.ts';

export type StrippedSource =
  | { readonly ok: true; readonly source: string }
  | { readonly ok: false; readonly fault: SourceFault };

/** What is used of the library, amaro, which is what Node strips types with. */
interface Stripper {
  transformSync(source: string, options: { mode: 'strip-only' }): { readonly code: string };
}

/** As the library throws it; lines from 1, columns from 0. */
interface StripError {
  readonly code: string;
  readonly message: string;
  readonly startLine?: number;
  readonly startColumn?: number;
}

function isStripError(error: unknown): error is StripError {
  return typeof error === 'object' && error !== null && 'code' in error && 'message' in error;
}

/**
 * The JavaScript in a TypeScript module: types become blanks, so that every line and column stays.
 * What needs more than that (enums, namespaces, parameter properties) is refused at its place.
 */
export function stripTypes(source: string): StrippedSource {
  try {
    const { code } = stripper().transformSync(source, { mode: 'strip-only' });
    return { ok: true, source: code };
  } catch (error) {
    if (!isStripError(error)) throw error;
    const { message, startLine = 1, startColumn = 0 } = error;
    return { ok: false, fault: { line: startLine, column: startColumn + 1, message } };
  }
}

/** Loaded when the first TypeScript module is: it takes as long as all else of a small command. */
function stripper(): Stripper {
  return createRequire(import.meta.url)('amaro') as Stripper;
}
