import { describe, expect, it } from 'vitest';
import { factsOf, problemsOf, type Machine } from './boot-lab.ts';

const ram: Machine['ram'] = [[0n, 0x3fffffffn]];
const refusal = (version: string, arch: string, model: string, config = {}) =>
  problemsOf({ version, arch, model, config, ram });

describe('memmodel: which kernel had which memory model', () => {
  it.each<[string, string, string, string]>([
    ['6.12', 'x86_32', 'discontigmem', 'gone since 5.14'],
    ['6.12', 'x86_64', 'discontigmem', 'gone since 5.14'],
    ['4.3', 'x86_64', 'discontigmem', 'x86_32 with NUMA had it'],
    ['5.3', 'x86_32', 'discontigmem', 'BROKEN since 5.2'],
    ['4.3', 'x86_64', 'flatmem', 'depends on X86_32 && !NUMA'],
    ['6.12', 'arm64', 'sparsemem', 'since 5.13'],
    ['6.12', 'arm64', 'flatmem', 'since 5.13'],
    ['6.12', 'x86_32', 'sparsemem-vmemmap', 'x86_32 has no SPARSEMEM_VMEMMAP'],
    ['6.18', 'x86_64', 'sparsemem', 'no question any more in 6.18'],
    ['5.3', 'riscv64', 'sparsemem-vmemmap', 'only flatmem before 5.4'],
  ])('%s %s has no %s', (version, arch, model, why) => {
    const problems = refusal(version, arch, model);
    expect(problems.map(({ path }) => path)).toEqual(['kernel.model']);
    expect(problems[0]?.message).toContain(why);
  });

  it('5-level paging cannot have classic sparse', () => {
    const problems = problemsOf({ version: '6.12', model: 'sparsemem', cpu: { la57: true }, ram });
    expect(problems[0]?.message).toContain('X86_5LEVEL selects SPARSEMEM_VMEMMAP');
  });

  it.each<[string, string, string]>([
    ['4.3', 'x86_32', 'flatmem'],
    ['6.12', 'x86_32', 'flatmem'],
    ['4.3', 'x86_32', 'discontigmem'],
    ['4.3', 'x86_32', 'sparsemem'],
    ['4.3', 'x86_64', 'sparsemem'],
    ['6.12', 'x86_64', 'sparsemem'],
    ['5.3', 'arm64', 'flatmem'],
    ['5.3', 'riscv64', 'flatmem'],
    ['6.12', 's390x', 'sparsemem-vmemmap'],
    ['6.12', 'ppc64', 'sparsemem-vmemmap'],
  ])('%s %s had %s', (version, arch, model) => {
    expect(refusal(version, arch, model)).toEqual([]);
  });

  it('FLATMEM is refused beside NUMA', () => {
    expect(refusal('4.3', 'x86_32', 'flatmem', { NUMA: 'y' })[0]?.message).toContain('NUMA');
  });

  it('a hypothetical lab may have what no kernel had, and is labelled so', () => {
    const facts = factsOf({ version: '6.12', model: 'discontigmem', hypothetical: true, ram });
    expect(facts.hypothetical).toBe(true);
    expect(facts.arch.memory_model).toBe('discontigmem');
  });
});
