import type { Arch } from './arch/arch.ts';
import type { Era } from './era/era.ts';
import type { Kernel as WorldKernel } from './world/kernel.ts';

/** What does not change during a run. Everything that does is in the world. */
export interface Facts {
  readonly arch: Arch;
  readonly era: Era;
  /** Kconfig of this kernel: 'y', 'n', 'm' or a number, by name without CONFIG_. */
  readonly config: Readonly<Record<string, string | number | boolean>>;
  /** The kernel command line, parsed by whoever asks (`memmap=`, `mem=`, ...). */
  readonly cmdline: string;
  readonly machine: MachineFacts;
}

/** The machine as firmware and the lab describe it; addresses are bytes, ends inclusive. */
export interface MachineFacts {
  readonly cpu: {
    readonly phys_bits: number;
    readonly vendor: string;
    readonly hypervisor: boolean;
    readonly la57: boolean;
  };
  readonly memory: readonly { readonly start: bigint; readonly end: bigint; readonly type: string }[];
  /** Changes the running kernel makes to e820 that only firmware explains. */
  readonly firmware_updates: readonly {
    readonly start: bigint;
    readonly end: bigint;
    readonly from: string;
    readonly to: string | null;
  }[];
  readonly nodes: readonly {
    readonly id: number;
    readonly cpus: number;
    readonly distances: readonly number[];
  }[];
  readonly srat: readonly {
    readonly start: bigint;
    readonly end: bigint;
    readonly node: number;
    readonly hotplug: boolean;
  }[];
  /** Other resources of /proc/iomem; the tree follows from nesting. */
  readonly resources: readonly {
    readonly start: bigint;
    readonly end: bigint;
    readonly name: string;
  }[];
}

export type Kernel = WorldKernel<Facts>;
