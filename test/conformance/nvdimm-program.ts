// What the shell steps of the NVDIMM captures are as operations of a lab.
import type { Args } from '../../src/shared/world/value.ts';

export interface ProgramOp {
  target: string;
  op: string;
  args?: Args;
  /** The errno that the capture's shell line reports for this operation. */
  errno?: string;
}

/** Operations by step of the capture; a step that is not here is reported as not compared. */
export type StepTable = Readonly<Record<string, readonly ProgramOp[]>>;

const create = (target: string, args: Args, errno?: string): ProgramOp => ({
  target,
  op: 'create-namespace',
  args: { mode: 'fsdax', ...args },
  ...(errno === undefined ? {} : { errno }),
});

const TABLES: Readonly<Record<string, StepTable>> = {
  // `io` reads the block device: nothing of it is modelled, so it is not here.
  'e-nvdimm-raw': {},
  'f-fsdax-map-mem': {
    'init-labels': [{ target: 'nvdimm0', op: 'init-labels' }],
    'too-small': [create('nvdimm0', { map: 'mem', size: '1MiB' }, 'EINVAL')],
    'size-33m': [create('nvdimm0', { map: 'mem', size: '33MiB' }, 'EINVAL')],
    'create-512m': [create('nvdimm0', { map: 'mem', size: '512MiB' })],
    'create-100m': [create('nvdimm0', { map: 'mem', size: '100MiB' }, 'EINVAL')],
    'create-rest': [create('nvdimm0', { map: 'mem' })],
  },
  'g-fsdax-map-dev': {
    'init-labels': [{ target: 'nvdimm0', op: 'init-labels' }],
    'create-512m-align2m': [create('nvdimm0', { map: 'dev', size: '512MiB' })],
    'create-256m-align4k': [create('nvdimm0', { map: 'dev', size: '256MiB', align: '4KiB' })],
    'align-1g': [create('nvdimm0', { map: 'dev', size: '128MiB', align: '1GiB' }, 'EINVAL')],
    'create-16m': [create('nvdimm0', { map: 'dev', size: '16MiB' })],
  },
  'h-devdax': {
    'init-labels': [{ target: 'nvdimm0', op: 'init-labels' }],
    'devdax-2m-dev': [create('nvdimm0', { mode: 'devdax', map: 'dev', size: '256MiB' })],
    'devdax-4k-mem': [
      create('nvdimm0', { mode: 'devdax', map: 'mem', size: '128MiB', align: '4KiB' }),
    ],
    'devdax-1g-dev': [
      create('nvdimm0', { mode: 'devdax', map: 'dev', size: '1536MiB', align: '1GiB' }, 'EINVAL'),
    ],
    'destroy-first': [{ target: 'nvdimm0.ns0', op: 'destroy-namespace', args: { force: true } }],
  },
  'j1-memmap-126m': {
    'default-align': [create('pmem0', { map: 'mem' }, 'EINVAL')],
    'set-align-2m': [
      { target: 'pmem0.ns0', op: 'disable' },
      { target: 'pmem0', op: 'set-align', args: { align: '2MiB' } },
      create('pmem0', { map: 'mem', align: '2MiB' }),
    ],
    'set-align-4k': [
      { target: 'pmem0.ns0', op: 'disable' },
      { target: 'pmem0', op: 'set-align', args: { align: '4KiB' } },
    ],
    'mode-fsdax-mem': [create('pmem0', { map: 'mem' })],
    // Not told an alignment, ndctl takes 4096 for a namespace that never had a pfn device.
    'mode-fsdax-dev': [create('pmem0', { map: 'dev', align: '4KiB' })],
    'mode-fsdax-dev-4k': [create('pmem0', { map: 'dev', align: '4KiB' })],
    'mode-devdax-4k': [create('pmem0', { mode: 'devdax', map: 'dev', align: '4KiB' })],
  },
  'o-unbind-destroy': {
    'init-labels': [
      { target: 'nvdimm0', op: 'init-labels' },
      { target: 'nvdimm1', op: 'init-labels' },
    ],
    'create-r0-mem': [create('nvdimm0', { map: 'mem' })],
    'create-r1-dev': [create('nvdimm1', { map: 'dev' })],
    'unbind-lower': [{ target: 'nvdimm0.ns0', op: 'unbind' }],
    'unbind-all': [{ target: 'nvdimm1.ns0', op: 'unbind' }],
    rebind: [
      { target: 'nvdimm0.ns0', op: 'bind' },
      { target: 'nvdimm0.ns1', op: 'bind', errno: 'ENODEV' },
      { target: 'nvdimm1.ns0', op: 'bind' },
      { target: 'nvdimm1.ns1', op: 'bind', errno: 'ENODEV' },
    ],
    destroy: [
      { target: 'nvdimm0.ns0', op: 'destroy-namespace', args: { force: true } },
      { target: 'nvdimm1.ns0', op: 'destroy-namespace', args: { force: true } },
    ],
    // rmmod nd_pmem while nothing is bound to it: no operation, the next dump shows it.
    rmmod: [],
    'recreate-upper-half': [create('nvdimm1', { map: 'mem' })],
  },
};

/** The operations of a step, or undefined when the table has none for it. */
export function operationsOf(scenario: string, step: string): readonly ProgramOp[] | undefined {
  return TABLES[scenario]?.[step];
}

const NAMES: Readonly<Record<number, string>> = {
  6: 'ENXIO',
  16: 'EBUSY',
  19: 'ENODEV',
  22: 'EINVAL',
  28: 'ENOSPC',
};
const TEXTS: Readonly<Record<string, string>> = { 'No such device': 'ENODEV' };

/** The errnos a step of a capture reports: ndctl exits with 256 - errno, sh prints a text. */
export function reportedErrnos(rc: number, output: readonly string[]): string[] {
  const printed = output.flatMap((line) => {
    const text = /write error: (.*)$/.exec(line)?.[1];
    return text === undefined ? [] : [TEXTS[text] ?? text];
  });
  if (printed.length > 0 || rc === 0) return printed;
  return [NAMES[256 - rc] ?? `exit ${rc}`];
}
