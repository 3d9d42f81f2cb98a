/** Lines of a boot log about the CPUs: how many on which node, their make and address widths. */
import type { Taken } from './log-results.ts';

export interface CpuFacts {
  /** CPUs of each node, from SRAT or from the order in which they were started. */
  byNode: Map<number, number>;
  total?: number;
  vendor?: string;
  /** A hypervisor announced itself, or the board's name is one's. */
  hypervisor?: { by: 'cpuid' | 'dmi'; name: string };
  /** 5-level paging, from max_arch_pfn. */
  la57?: boolean;
  /** Physical address bits, from the widest MTRR mask or the DMAR table. */
  physBits?: { bits: number; from: string };
}

const SRAT_CPU =
  /^(?:ACPI: )?SRAT: PXM \d+ -> (?:APIC|X2APIC|x2apic) 0x[0-9a-f]+ -> Node (\d{1,4})$/i;
const STARTED = /^\.{4} node +#(\d{1,4}), CPUs:((?: +#\d+)+)$/;
const BROUGHT_UP = /^(?:smp: |x86: )?(?:Brought|Booted) up (?:\d+ nodes?, )?(\d{1,6}) CPUs?$/;
const ALLOWED = /^(?:smpboot|CPU topo): Allowing (\d{1,6}) (?:present )?CPUs/;
const CPU0 = /^(?:smpboot: )?CPU0: (.*)\(/;
const MAX_ARCH = /^(?:e820: )?last_pfn = 0x[0-9a-f]+ max_arch_pfn = 0x([0-9a-f]{1,13})$/;
const MTRR = /^ +\d+ base [0-9A-F]+ mask ([0-9A-F]{1,13})0{3} /;
const DMAR = /^DMAR: Host address width (\d{1,2})$/;
const HYPERVISOR = /^Hypervisor detected: (.+)$/;
const DMI_GUEST =
  /^DMI: (QEMU|VMware|innotek GmbH|Xen|Bochs|Amazon EC2|Google|Microsoft Corporation Virtual Machine|Red Hat KVM|OpenStack)\b/;

/** MAXMEM >> PAGE_SHIFT with 5-level paging (`arch/x86/include/asm/pgtable_64_types.h`). */
const MAX_ARCH_PFN_LA57 = 1n << 40n;

export function cpuLines(): { facts: CpuFacts; take(message: string): Taken | undefined } {
  const facts: CpuFacts = { byNode: new Map() };
  let fromSrat = false;
  let started: Map<number, number> | undefined;

  const bits = (count: number, from: string) => {
    if (count < 32 || count > 52) return;
    if (!facts.physBits || facts.physBits.from !== from || count > facts.physBits.bits) {
      if (facts.physBits?.from === 'MTRR' && from !== 'MTRR') return;
      facts.physBits = { bits: count, from };
    }
  };

  function take(message: string): Taken | undefined {
    let match = SRAT_CPU.exec(message);
    if (match) {
      if (!fromSrat) facts.byNode.clear();
      fromSrat = true;
      const node = Number(match[1]);
      if (node >= 1024) return { reason: 'damaged' };
      facts.byNode.set(node, (facts.byNode.get(node) ?? 0) + 1);
      return 'used';
    }
    match = STARTED.exec(message);
    if (match && Number(match[1]) < 1024) {
      if (fromSrat) return 'used';
      // The boot CPU is not in the list; it is CPU 0, on node 0.
      started ??= new Map([[0, 1]]);
      const node = Number(match[1]);
      started.set(node, (started.get(node) ?? 0) + (match[2]?.match(/#/g)?.length ?? 0));
      facts.byNode = started;
      return 'used';
    }
    match = BROUGHT_UP.exec(message);
    if (match) {
      facts.total = Number(match[1]);
      return 'used';
    }
    match = ALLOWED.exec(message);
    if (match) {
      facts.total ??= Number(match[1]);
      return 'used';
    }
    match = CPU0.exec(message);
    if (match) {
      const vendor = /\b(Intel|AMD|Hygon|Zhaoxin|Centaur)\b/i.exec(match[1] ?? '');
      if (!vendor) return undefined;
      facts.vendor = vendor[1] ?? '';
      return 'used';
    }
    match = MAX_ARCH.exec(message);
    if (match) {
      facts.la57 = BigInt(`0x${match[1]}`) === MAX_ARCH_PFN_LA57;
      return undefined;
    }
    match = MTRR.exec(message);
    if (match) {
      // A mask covers every address bit above its range, up to the width of the CPU.
      bits(BigInt(`0x${match[1]}000`).toString(2).length, 'MTRR');
      return 'used';
    }
    match = DMAR.exec(message);
    if (match) {
      bits(Number(match[1]), 'DMAR');
      return 'used';
    }
    match = HYPERVISOR.exec(message);
    if (match) {
      facts.hypervisor = { by: 'cpuid', name: match[1] ?? '' };
      return 'used';
    }
    match = DMI_GUEST.exec(message);
    if (match) {
      facts.hypervisor ??= { by: 'dmi', name: match[1] ?? '' };
      return 'used';
    }
    return undefined;
  }
  return { facts, take };
}
