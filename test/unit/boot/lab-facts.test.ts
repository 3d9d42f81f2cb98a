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

  it('says which switch was meant, and which values a switch has', () => {
    const said = problems(
      '{ version: "6.12", switches: { no_such: true, low_1m_reservd: true, low_1m_reserved: 3, dax_pte: devmp } }',
    );
    expect(said).toEqual([
      {
        path: ['kernel', 'switches', 'no_such'],
        message: 'there is no switch `no_such`; `lab switches` lists them',
      },
      {
        path: ['kernel', 'switches', 'low_1m_reservd'],
        message: 'there is no switch `low_1m_reservd`; did you mean `low_1m_reserved`?',
      },
      {
        path: ['kernel', 'switches', 'low_1m_reserved'],
        message: 'switch `low_1m_reserved` is false or true, not 3',
      },
      {
        path: ['kernel', 'switches', 'dax_pte'],
        message: 'switch `dax_pte` is special or devmap or page, not "devmp"; did you mean devmap?',
      },
    ]);
  });

  it('refuses a configuration that does not compile, unless the lab is hypothetical', () => {
    const config = 'config: { ZONE_DEVICE: y }';
    expect(problems(`{ version: "4.3", ${config} }`)).toMatchObject([
      { path: ['kernel', 'config'], message: expect.stringContaining('5 zones') },
    ]);
    expect(problems(`{ version: "4.3", ${config}, hypothetical: true }`)).toEqual([]);
  });

  it('lets a lab override a single switch', () => {
    const { facts } = labFacts(
      labOf(`kernel: { version: "6.12", switches: { low_1m_reserved: false } }\n${ONE_GIB}`),
    );
    expect(facts?.era.get('low_1m_reserved')).toBe(false);
    expect(facts?.era.overridden).toEqual(['low_1m_reserved']);
  });
});
