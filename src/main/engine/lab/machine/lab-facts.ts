import type { Kernel as LabKernel, Lab } from '../../../../shared/lab/schema.ts';
import type { Path } from '../../../../shared/lab/problem.ts';
import { architecture, startingConfig } from '../../core/arch/architectures.ts';
import { resolveEra } from '../../core/era/era.ts';
import { overrideProblem } from '../../core/era/override.ts';
import { resolveVersion } from '../../core/era/version.ts';
import type { KernelConfig } from '../../core/arch/config.ts';
import type { Facts, MachineFacts } from '../../core/facts.ts';
import { configRefusal, modelRefusal } from '../../kernel/memmodel/selection.ts';
import { flagsLayout } from '../../kernel/page/layout.ts';
import { wiring } from '../../kernel/wiring.ts';
import { cmdlineProblems, configProblems } from './kernel-words.ts';
import type { LabProblem } from './lab-problem.ts';

/** What a lab asks of its kernel that cannot be, as far as its kernel could be read. */
export function kernelProblems(kernel: Partial<LabKernel>): LabProblem[] {
  const { version, switches = {}, cmdline = '', config = {} } = kernel;
  const problems = [...cmdlineProblems(cmdline), ...configProblems(config)];
  const say = (path: Path, message: string): void => {
    problems.push({ path: ['kernel', ...path], message });
  };
  const resolved = version === undefined ? undefined : resolveVersion(version);
  if (resolved && 'problem' in resolved) say(['version'], resolved.problem);
  for (const [name, value] of Object.entries(switches)) {
    const problem = overrideProblem(name, value);
    if (problem) say(['switches', name], problem);
  }
  return problems;
}

/**
 * What a lab says about kernel and machine, and everything about it that cannot be modelled; then
 * there are no facts.
 */
export function labFacts(lab: Pick<Lab, 'kernel' | 'machine'>): {
  facts?: Facts;
  problems: LabProblem[];
} {
  const { kernel } = lab;
  const problems = kernelProblems(kernel);
  const say = (path: Path, message: string): void => {
    problems.push({ path: ['kernel', ...path], message });
  };
  const resolved = resolveVersion(kernel.version);
  if ('problem' in resolved) return { problems };

  const { version } = resolved;
  const own = kernel.config as KernelConfig;
  const config = startingConfig(kernel.arch, version, kernel.model, own);
  const { cpu } = lab.machine;
  const arch = architecture(kernel.arch, version, config, cpu);
  const choice = { arch: kernel.arch, version, config, la57: cpu.la57 };
  // A combination no kernel had is modelled when the lab says so.
  if (!kernel.hypothetical) {
    const refused = modelRefusal(kernel.model, choice);
    if (refused) say(['model'], refused);
    const unlike = arch.memory_model !== kernel.model;
    if (!refused && unlike) say(['config'], `the configuration selects ${arch.memory_model}`);
    const conflict = configRefusal(choice, arch);
    if (conflict) say(['config'], conflict);
    const { problem } = flagsLayout(arch, version, config);
    if (!conflict && problem) say(['config'], `this configuration does not compile: ${problem}`);
  }
  const increment = incrementProblem(lab, arch.section_size_bits);
  if (increment) problems.push({ path: ['machine', 'memory_increment'], message: increment });
  if (lab.machine.cfmws.length > 0 && kernel.arch !== 'x86_64') {
    const message = `CXL windows are modelled on x86_64 only, not on ${kernel.arch}: a limit of pfnlab, not of the kernel`;
    problems.push({ path: ['machine', 'cfmws'], message });
  }
  if (problems.some(({ severity }) => severity === undefined)) return { problems };
  return {
    problems,
    facts: {
      arch,
      era: resolveEra(kernel.version, resolved, kernel.arch, kernel.switches),
      config,
      cmdline: kernel.cmdline,
      machine: machineFacts(lab),
      hypothetical: kernel.hypothetical,
      wiring,
    },
  };
}

/** Why a machine's memory increment cannot be; memory_dev_init() panics over a wrong block size. */
function incrementProblem(
  { kernel, machine }: Pick<Lab, 'kernel' | 'machine'>,
  sectionBits: number,
): string | undefined {
  const bytes = machine.memory_increment;
  if (bytes === undefined) return undefined;
  if (kernel.arch !== 's390x' && kernel.arch !== 'ppc64') {
    return `${kernel.arch} has no memory increment; s390x (SCLP) and ppc64 (ibm,lmb-size) have`;
  }
  if ((bytes & (bytes - 1n)) !== 0n) {
    return 'memory blocks are a power of two: "Memory block size not suitable", the kernel panics';
  }
  return kernel.arch === 'ppc64' && bytes < 1n << BigInt(sectionBits)
    ? `a memory block is at least a section, ${1n << BigInt(sectionBits)} bytes`
    : undefined;
}

function machineFacts({ machine }: Pick<Lab, 'machine'>): MachineFacts {
  const { cpu, resources } = machine;
  return {
    cpu: {
      phys_bits: cpu.phys_bits,
      vendor: cpu.vendor ?? '',
      hypervisor: cpu.hypervisor,
      la57: cpu.la57,
    },
    memory: machine.memory.map(({ start, end, type }) => ({ start, end, type })),
    firmware_updates: machine.firmware_updates.map(({ action, start, end, from, to }) => ({
      start,
      end,
      from: from ?? null,
      to: action === 'remove' ? null : (to ?? 'reserved'),
    })),
    nodes: machine.nodes.map(({ id, cpus, distances }) => ({ id, cpus, distances })),
    srat: machine.srat.map(({ start, end, node, hotplug, non_volatile }) => ({
      start,
      end,
      node,
      hotplug,
      non_volatile,
    })),
    cfmws: machine.cfmws,
    hmat: machine.hmat,
    acpi_tables: machine.acpi_tables,
    memory_increment: machine.memory_increment ?? null,
    // Entries of a kernel image describe one boot of one image, not the machine.
    resources: resources
      .filter(({ image }) => !image)
      .map(({ start, end, name }) => ({ start, end, name })),
    pci:
      machine.pci && (resources.length === 0 || resources.some(({ name }) => name.includes('PCI'))),
  };
}
