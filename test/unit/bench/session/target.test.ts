import { describe, expect, test } from 'vitest';
import { hits, parseTarget, targetProblem } from '../../../../src/main/bench/session/target.ts';
import type { Change, Step } from '../../../../src/shared/world/step.ts';

const zone = (spanned_pages: number) => ({ key: 4, name: 'Device', spanned_pages });
const step = (...diff: Change[]): Step =>
  ({ seq: 1, fn: 'resize_zone_range', kind: 'call', diff, end: 1 }) as unknown as Step;
const spans = (from: number, to: number) =>
  step({ table: 'zones', key: 4, from: zone(from), to: zone(to) } as Change);

describe('bench/target: where to stop', () => {
  test('what somebody types is a function, PFN, field or error', () => {
    expect(parseTarget('memblock_add()')).toEqual({ kind: 'function', target: 'memblock_add' });
    expect(parseTarget('0x1000')).toEqual({ kind: 'pfn', target: '4096' });
    expect(parseTarget('vars.max_pfn')).toEqual({ kind: 'field', target: 'vars.max_pfn' });
    expect(parseTarget('pci_devices.0000:03:00.0.acs')).toEqual({
      kind: 'field',
      target: 'pci_devices.0000:03:00.0.acs',
    });
    expect(parseTarget('foo.part.0')).toEqual({ kind: 'function', target: 'foo.part.0' });
    expect(parseTarget('-EINVAL')).toEqual({ kind: 'error', target: 'EINVAL' });
  });

  test('a condition is a field with a comparison', () => {
    const target = 'zones.Device.spanned_pages > 0';
    expect(parseTarget(target)).toEqual({ kind: 'condition', target });
  });

  test('a condition stops where it comes true, not where it stays so', () => {
    const wanted = { kind: 'condition', target: 'zones.Device.spanned_pages > 0' } as const;
    expect(hits(spans(0, 512), wanted)).toBe(true);
    expect(hits(spans(512, 1024), wanted)).toBe(false);
    expect(hits(spans(512, 0), wanted)).toBe(false);
    expect(hits(spans(0, 512), { ...wanted, target: 'zones.DMA.spanned_pages > 0' })).toBe(false);
    expect(hits(spans(0, 512), { ...wanted, target: 'zones.*.spanned_pages == 0x200' })).toBe(true);
  });

  test('a record that comes into being can make it true', () => {
    const wanted = { kind: 'condition', target: 'zones.4.spanned_pages >= 512' } as const;
    const added = { table: 'zones', key: 4, from: undefined, to: zone(512) } as Change;
    expect(hits(step(added), wanted)).toBe(true);
  });

  test.each([
    [{ kind: 'field', target: 'zoens.Device.spanned_pages' }, /no table "zoens"/],
    [{ kind: 'field', target: 'zones.Device.spanned' }, /no field "spanned"/],
    [{ kind: 'condition', target: 'zones.Device > 0' }, /no field ""/],
    [{ kind: 'condition', target: 'zones.Device.spanned_pages' }, /is no condition/],
    [{ kind: 'function', target: ' ' }, /needs a name/],
  ] as const)('%j is refused in a sentence', (target, message) => {
    expect(targetProblem(target)).toMatch(message);
  });

  test('a whole record can be watched for any change', () => {
    expect(targetProblem({ kind: 'field', target: 'nodes.0' })).toBeUndefined();
  });
});
