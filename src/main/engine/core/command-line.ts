/** A value of lib/cmdline.c:memparse: bytes, and where reading stopped. */
export interface MemParse {
  readonly bytes: bigint;
  readonly rest: string;
}

/** lib/cmdline.c:memparse: a C number with a K, M, G, T, P or E suffix; undefined where none is. */
export function memparse(text: string): MemParse | undefined {
  const match = /^(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)/i.exec(text);
  if (!match) return undefined;
  const digits = match[0];
  const octal = /^0[0-7]+$/.test(digits);
  const value = BigInt(octal ? `0o${digits.slice(1)}` : digits.toLowerCase());
  const suffix = (text[digits.length] ?? '').toUpperCase();
  const power = suffix === '' ? -1 : 'KMGTPE'.indexOf(suffix);
  if (power < 0) return { bytes: value & MASK64, rest: text.slice(digits.length) };
  return {
    bytes: (value << BigInt(10 * (power + 1))) & MASK64,
    rest: text.slice(digits.length + 1),
  };
}

const MASK64 = (1n << 64n) - 1n;

/** One `name` or `name=value` of the command line. */
export interface Param {
  readonly name: string;
  readonly value: string | undefined;
}

/** kernel/params.c:parse_args: words, double quotes protecting blanks, up to a bare `--`. */
export function parseArgs(cmdline: string): Param[] {
  const params: Param[] = [];
  for (const match of cmdline.matchAll(/(?:[^\s"]|"[^"]*"?)+/g)) {
    const word = match[0].replaceAll('"', '');
    if (word === '--') break;
    const equals = word.indexOf('=');
    if (equals < 0) params.push({ name: word, value: undefined });
    else params.push({ name: word.slice(0, equals), value: word.slice(equals + 1) });
  }
  return params;
}
