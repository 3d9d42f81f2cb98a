/** The first line a kernel prints: which kernel it is (`init/version.c:linux_banner`). */
import type { Architecture } from '../../shared/lab/architecture.ts';

export interface Banner {
  /** For `kernel.version`: the exact source release where the vendor names it, else the banner. */
  version: string;
  /** The name the kernel gives itself (uname -r). */
  release: string;
  arch?: Architecture;
}

/** `Linux version 4.18.0-80.11.2.el8_0.x86_64 (builder) (compiler) #1 SMP ...` */
const BANNER = /^Linux version (\d+\.\d+\S*)(.*)$/;

const ARCHITECTURE_WORDS: [RegExp, Architecture][] = [
  [/x86_64|amd64/, 'x86_64'],
  [/aarch64|arm64/, 'arm64'],
  [/riscv64/, 'riscv64'],
  [/s390x/, 's390x'],
  [/ppc64|powerpc64/, 'ppc64'],
  [/\bi[3-6]86\b|-686\b|-pae\b/, 'x86_32'],
];

/** Reads a banner; undefined when the line is none. */
export function readBanner(message: string): Banner | undefined {
  const match = BANNER.exec(message);
  if (!match) return undefined;
  const release = match[1] ?? '';
  const rest = match[2] ?? '';
  const arch = ARCHITECTURE_WORDS.find(([word]) => word.test(`${release} ${rest}`))?.[1];
  // Debian names its source package at the end, Ubuntu the stable release it merged.
  const debian = / Debian (\d+\.\d+\.\d+)-/.exec(rest);
  const ubuntu = /\(Ubuntu \S+ (\d+\.\d+\.\d+)\)/.exec(rest);
  const exact = debian?.[1] ?? ubuntu?.[1];
  const version = exact ?? release.replace(/\.(x86_64|aarch64|s390x|ppc64le|i686|riscv64)$/, '');
  return { version, release, ...(arch ? { arch } : {}) };
}
