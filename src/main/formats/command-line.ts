/**
 * What `mem=` and `memmap=` on the kernel command line do to the memory map
 * (`arch/x86/kernel/e820.c:parse_memopt, parse_memmap_one`), as far as it is needed to tell their
 * log lines from those of firmware. The engine interprets them.
 */
import type { UpdateLine } from './e820-line.ts';

/** `lib/cmdline.c:memparse`: a number in C notation with a K, M, G, T, P or E suffix. */
function memparse(text: string): { bytes: bigint; rest: string } | undefined {
  const match = /^(0x[0-9a-f]{1,16}|\d{1,20})([KMGTPE]?)(.*)$/i.exec(text);
  if (!match) return undefined;
  const digits = match[1] ?? '0';
  const octal = /^0[0-7]+$/.test(digits);
  const value = BigInt(octal ? `0o${digits.slice(1)}` : digits.toLowerCase());
  const shift = 'KMGTPE'.indexOf((match[2] ?? '').toUpperCase()) + 1;
  return { bytes: match[2] ? value << BigInt(10 * shift) : value, rest: match[3] ?? '' };
}

/** The value of every `name=` on the command line, in order, up to a bare `--`. */
function values(cmdline: string, name: string): string[] {
  const found: string[] = [];
  for (const word of cmdline.split(/\s+/)) {
    if (word === '--') break;
    if (word.startsWith(`${name}=`)) found.push(word.slice(name.length + 1));
  }
  return found;
}

/** True when the log line is the kernel carrying out `mem=` or `memmap=`. */
export function followsFromCommandLine(update: UpdateLine, cmdline: string): boolean {
  if (update.action === 'remove' && update.end >= (1n << 64n) - 2n) {
    const limits = [
      ...values(cmdline, 'mem'),
      ...values(cmdline, 'memmap').flatMap((v) => v.split(',')),
    ];
    return limits.some((limit) => {
      const parsed = memparse(limit);
      return parsed?.rest === '' && parsed.bytes === update.start;
    });
  }
  // memmap=size%start-oldtype+newtype changes a type in place, or removes without a new one.
  return values(cmdline, 'memmap')
    .flatMap((value) => value.split(','))
    .some((option) => {
      const size = memparse(option);
      if (!size?.rest.startsWith('%')) return false;
      const start = memparse(size.rest.slice(1));
      return start?.bytes === update.start && start.bytes + size.bytes - 1n === update.end;
    });
}
