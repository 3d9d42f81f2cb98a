import type { CxlWindow, HmatLocality } from '../../../shared/lab/machine.ts';
import type { Arch } from './arch/arch.ts';
import type { KernelConfig } from './arch/config.ts';
import type { Era } from './era/era.ts';
import type { Kernel as WorldKernel } from './world/kernel.ts';

/** What does not change during a run. Everything that does is in the world. */
export interface Facts {
  readonly arch: Arch;
  readonly era: Era;
  /** Kconfig of this kernel: 'y', 'n', 'm' or a number, by name without CONFIG_. */
  readonly config: KernelConfig;
  /** The kernel command line, parsed by whoever asks (`memmap=`, `mem=`, ...). */
  readonly cmdline: string;
  readonly machine: MachineFacts;
  /** A combination no kernel ever had; never counts as conformance. */
  readonly hypothetical: boolean;
}

/** The machine as firmware and the lab describe it; addresses are bytes, ends inclusive. */
export interface MachineFacts {
  readonly cpu: {
    readonly phys_bits: number;
    readonly vendor: string;
    readonly hypervisor: boolean;
    readonly la57: boolean;
  };
  readonly memory: readonly {
    readonly start: bigint;
    readonly end: bigint;
    readonly type: string;
  }[];
  /**
   * Changes the running kernel makes to e820 that only firmware explains. `from` null: of any
   * type; `to` null: the range is removed.
   */
  readonly firmware_updates: readonly {
    readonly start: bigint;
    readonly end: bigint;
    readonly from: string | null;
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
    readonly non_volatile: boolean;
  }[];
  /** CXL Fixed Memory Windows, in the order of the CEDT; `granularity` in bytes. */
  readonly cfmws: readonly CxlWindow[];
  /** Latency and bandwidth between nodes: nanoseconds, MB/s. */
  readonly hmat: readonly HmatLocality[];
  /** Where firmware put its ACPI tables: the kernel reserves them before it reads them. */
  readonly acpi_tables: readonly { readonly start: bigint; readonly end: bigint }[];
  /** Other resources of /proc/iomem; the tree follows from nesting. */
  readonly resources: readonly {
    readonly start: bigint;
    readonly end: bigint;
    readonly name: string;
  }[];
  /** SCLP's storage increment, or a partition's logical memory blocks, in bytes; null: not said. */
  readonly memory_increment: bigint | null;
  /** Has the machine a PCI bus? Without one the kernel never enters reserved ranges above 1 MiB. */
  readonly pci: boolean;
}

export type Kernel = WorldKernel<Facts>;

/** What a function that only looks needs of the kernel. */
export type View = Pick<Kernel, 'world' | 'facts'>;
