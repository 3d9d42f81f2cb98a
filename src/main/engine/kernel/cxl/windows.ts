import type { CxlWindow } from '../../../../shared/lab/machine.ts';
import type { Kernel } from '../../core/facts.ts';
import { call, fail, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { __insert_resource, resourceOf } from '../resource/request.ts';
import { childrenOf, IOMEM_RESOURCE, type NewResource } from '../resource/tree.ts';

const SZ_256M = 1n << 28n;

/** cxl_acpi_cfmws_verify(): -EINVAL for a window that is not in units of 256 MiB. */
const cxl_acpi_cfmws_verify = leaf<CxlWindow, Outcome<void>>(
  'cxl_acpi_cfmws_verify',
  'drivers/cxl/acpi.c:cxl_acpi_cfmws_verify',
  (k, { start, end }) => {
    if (start % SZ_256M !== 0n) {
      k.printk('err', 'cxl_acpi: CFMWS Base HPA not 256MB aligned');
      return fail('EINVAL', '!IS_ALIGNED(cfmws->base_hpa, SZ_256M)');
    }
    if ((end + 1n) % SZ_256M !== 0n) {
      k.printk('err', 'cxl_acpi: CFMWS Window Size not 256MB aligned');
      return fail('EINVAL', '!IS_ALIGNED(cfmws->window_size, SZ_256M)');
    }
    return undefined;
  },
  { show: ({ start, end }) => ({ start, end }) },
);

/** insert_resource_expand_to_fit(): grows over what it would cut, then goes above it. */
export const insert_resource_expand_to_fit = leaf<NewResource, void>(
  'insert_resource_expand_to_fit',
  'kernel/resource.c:insert_resource_expand_to_fit',
  (k, wanted) => {
    const root = resourceOf(k, IOMEM_RESOURCE);
    if (!root) return;
    let { start, end } = wanted;
    for (;;) {
      if (!failed(__insert_resource(k, root, { ...wanted, start, end }))) return;
      const conflict = childrenOf(k, IOMEM_RESOURCE).find(
        (child) =>
          child.end >= start && child.start <= end && (child.start < start || child.end > end),
      );
      if (!conflict) return;
      if (conflict.start < start) start = conflict.start;
      if (conflict.end > end) end = conflict.end;
      k.printk('info', `Expanded resource ${wanted.name} due to conflict with ${conflict.name}`);
    }
  },
);

/** add_cxl_resources(): the windows as "CXL Window N" of the resource tree. */
const add_cxl_resources = operation<{ windows: readonly CxlWindow[] }, void>(
  'add_cxl_resources',
  'drivers/cxl/acpi.c:add_cxl_resources',
  function* (_k, { windows }) {
    for (const [at, { start, end }] of windows.entries()) {
      const name = `CXL Window ${at}`;
      const resource = { start, end, name, flags: 'MEM', desc: 'CXL' };
      yield* call(insert_resource_expand_to_fit, resource);
    }
  },
  { show: () => ({}) },
);

/** The windows the driver takes: those that are whole multiples of 256 MiB. */
export function takenWindows(k: Kernel): CxlWindow[] {
  return k.facts.machine.cfmws.filter(
    ({ start, end }) => start % SZ_256M === 0n && (end + 1n) % SZ_256M === 0n,
  );
}

/** Is the driver of CXL windows there? */
export function hasCxlAcpi(k: Kernel): boolean {
  const { CXL_ACPI } = k.facts.config;
  return k.facts.machine.cfmws.length > 0 && CXL_ACPI !== undefined && CXL_ACPI !== 'n';
}

/** cxl_acpi_probe(): the CEDT's windows become resources and root decoders. */
export const cxl_acpi_probe = operation<Record<string, never>, void>(
  'cxl_acpi_probe',
  'drivers/cxl/acpi.c:cxl_acpi_probe',
  function* (k) {
    for (const window of k.facts.machine.cfmws) {
      const wrong = yield* call(cxl_acpi_cfmws_verify, window);
      if (!failed(wrong)) continue;
      const range = `[0x${window.start.toString(16)} - 0x${window.end.toString(16)}]`;
      k.printk('err', `cxl_acpi: Failed to add decode range: ${range} (-22)`);
    }
    yield* call(add_cxl_resources, { windows: takenWindows(k) });
  },
);

/** One CFMWS, as a driver reads it: `resource` is its id in the resource tree. */
export type FoundWindow = CxlWindow & { readonly resource: number };

/** acpi_table_parse_cedt(ACPI_CEDT_TYPE_CFMWS): the windows that have a root decoder. */
export const acpi_table_parse_cedt = leaf<{ id: 'CFMWS' }, readonly FoundWindow[]>(
  'acpi_table_parse_cedt',
  'drivers/acpi/tables.c:acpi_table_parse_cedt',
  (k) => {
    if (!hasCxlAcpi(k)) return [];
    const resources = [...k.world.rows('resources')].filter(({ desc }) => desc === 'CXL');
    return takenWindows(k).flatMap((window, at) => {
      const found = resources.find(({ name }) => name === `CXL Window ${at}`);
      return found ? [{ ...window, resource: found.id }] : [];
    });
  },
);
