import { describe, expect, it } from 'vitest';
import {
  configProblems,
  cmdlineProblems,
} from '../../../src/main/engine/lab/machine/kernel-words.ts';
import {
  PARAMETERS,
  unmodelledEffect,
  valuesOf,
  withoutUnmodelled,
} from '../../../src/main/engine/core/parameters.ts';

const told = (cmdline: string) =>
  cmdlineProblems(cmdline).map(({ message, severity = 'error' }) => `${severity}: ${message}`);

describe('boot/parameters', () => {
  it('gives the values of a parameter in order, and empty ones', () => {
    expect(valuesOf('mem=1G quiet mem=2G mem -- mem=3G', 'mem')).toEqual(['1G', '2G', '']);
  });

  it('a parameter that changes memory and is not modelled is a mistake', () => {
    expect(told('crashkernel=256M numa=fake=4')).toEqual([
      'error: `crashkernel=` reserves memory for a crash kernel (kernel/crash_reserve.c:parse_crashkernel), which is not modelled',
      'error: `numa=` makes other nodes than firmware says (arch/x86/mm/numa.c:numa_setup), which is not modelled',
    ]);
  });

  it('unmodelledEffect() leaves alone what is modelled', () => {
    for (const name of Object.keys(PARAMETERS)) expect(unmodelledEffect(name)).toBeUndefined();
    expect(unmodelledEffect('numa', 'off')).toBeUndefined();
  });

  it('withoutUnmodelled() keeps the rest of an imported command line as it was', () => {
    expect(withoutUnmodelled('quiet  crashkernel=auto mem=4G cma=64M')).toEqual({
      cmdline: 'quiet mem=4G',
      left: ['crashkernel=auto', 'cma=64M'],
    });
    expect(withoutUnmodelled('quiet  mem=4G')).toEqual({ cmdline: 'quiet  mem=4G', left: [] });
  });

  it('a near miss is a warning, and the others are counted once', () => {
    expect(told('memap=1G!4G quiet splash quiet')).toEqual([
      'warning: there is no kernel parameter `memap` here; did you mean `memmap`?',
      'warning: 2 kernel parameters are not used: quiet, splash',
    ]);
  });

  it('short real parameters are nobody else\u2019s misspelling', () => {
    expect(told('pti=on mce=off psi=1')).toEqual([
      'warning: 3 kernel parameters are not used: pti, mce, psi',
    ]);
  });

  it('names of a configuration are told the same way', () => {
    expect(configProblems({ ZONE_DEVCE: 'y', X86_PAT: 'y', NUMA: 'y' })).toEqual([
      {
        path: ['kernel', 'config', 'ZONE_DEVCE'],
        message: 'there is no Kconfig name `ZONE_DEVCE` here; did you mean `ZONE_DEVICE`?',
        severity: 'warning',
      },
      {
        path: ['kernel', 'config'],
        message: '1 Kconfig name is not used: X86_PAT',
        severity: 'warning',
      },
    ]);
  });
});
