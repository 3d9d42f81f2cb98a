import { describe, expect, it } from 'vitest';
import { fieldReader } from '../../../src/main/plugins/fields.ts';

describe('fieldReader: an integer of a manifest', () => {
  const read = fieldReader({ properties: { nid: { type: 'integer', minimum: -1, maximum: 3 } } });

  it('may be negative where its minimum is, such as NUMA_NO_NODE', () => {
    expect(read({ nid: -1 })).toEqual({ ok: true, value: { nid: -1 } });
    expect(read({ nid: 3 })).toEqual({ ok: true, value: { nid: 3 } });
  });

  it.each([-2, 4, -1.5, '-1', Number.NaN])('refuses %s with its bounds', (nid) => {
    expect(read({ nid })).toEqual({
      ok: false,
      problems: [{ path: 'nid', message: '`nid` takes an integer from -1 to 3' }],
    });
  });

  it('is not negative where no minimum is said', () => {
    const plain = fieldReader({ properties: { pfn: { type: 'integer' } } });
    expect(plain({ pfn: -1 }).ok).toBe(false);
  });
});
