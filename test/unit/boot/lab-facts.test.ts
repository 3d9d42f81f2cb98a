import { describe, expect, it } from 'vitest';
import { labFacts } from '../../../src/main/engine/lab/machine/lab-facts.ts';
import { labOf, ONE_GIB } from './booted.ts';

const problems = (kernelText: string) =>
  labFacts(labOf(`kernel: ${kernelText}\n${ONE_GIB}`)).problems;

describe('machine/labFacts', () => {
  it('says which version is not modelled, and which model no such kernel had, at its key', () => {
    expect(problems('{ version: "2.6" }')).toMatchObject([{ path: ['kernel', 'version'] }]);
    expect(problems('{ version: "6.12", arch: arm64, model: flatmem }')).toMatchObject([
      { path: ['kernel', 'model'], message: expect.stringContaining('since 5.13') },
    ]);
  });

  it('names the switches there are when a lab names another, or gives one the wrong type', () => {
    const [unknown, wrong] =
      problems('{ version: "6.12", switches: { no_such: true, low_1m_reserved: 3 } }') ?? [];
    expect(unknown?.path).toEqual(['kernel', 'switches', 'no_such']);
    expect(unknown?.message).toContain('device_memory_moves_max_pfn');
    expect(wrong?.message).toContain('takes a boolean');
  });

  it('refuses a configuration that does not compile, unless the lab is hypothetical', () => {
    const config = 'config: { ZONE_DEVICE: y }';
    expect(problems(`{ version: "4.3", ${config} }`)).toMatchObject([
      { path: ['kernel', 'config'], message: expect.stringContaining('5 zones') },
    ]);
    expect(problems(`{ version: "4.3", ${config}, hypothetical: true }`)).toBeUndefined();
  });

  it('lets a lab override a single switch', () => {
    const { facts } = labFacts(
      labOf(`kernel: { version: "6.12", switches: { low_1m_reserved: false } }\n${ONE_GIB}`),
    );
    expect(facts?.era.get('low_1m_reserved')).toBe(false);
    expect(facts?.era.overridden).toEqual(['low_1m_reserved']);
  });
});
