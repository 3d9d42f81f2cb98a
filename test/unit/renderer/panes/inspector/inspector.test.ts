import { describe, expect, it } from 'vitest';
import { altmapParts, altmapRange } from '../../../../../src/renderer/panes/inspector/altmap.ts';
import { nextStop } from '../../../../../src/renderer/panes/inspector/roving.ts';
import {
  NOTHING,
  subjectAfter,
  tabOf,
  tabsFor,
} from '../../../../../src/renderer/panes/inspector/subject.ts';
import { subsectionPfn } from '../../../../../src/renderer/panes/inspector/subsections.ts';

describe('the inspector', () => {
  it('shows the tab that is about what was selected', () => {
    const tabs = ['pfn:1', 'section:2', 'zone:0:Device', 'node:0', 'pgmap:x', 'device:d', 'step:9'];
    expect(tabs.map(tabOf)).toEqual([
      'page',
      'section',
      'zone',
      'zone',
      'pagemap',
      'device',
      'step',
    ]);
    expect(tabOf('')).toBeUndefined();
  });

  it('knows the section of a selected page, and keeps the page when a step is selected', () => {
    const page = subjectAfter(NOTHING, 'pfn:1051136', 32_768);
    expect(page).toMatchObject({ pfn: 1_051_136, section: 32 });
    expect(subjectAfter(page, 'step:12', 32_768)).toMatchObject({ pfn: 1_051_136, step: 12 });
  });

  it('names a zone with its node, and all zones of a node', () => {
    expect(subjectAfter(NOTHING, 'zone:1:Normal', 1).zone).toBe('1:Normal');
    expect(subjectAfter(NOTHING, 'node:1', 1).zone).toBe('1:');
  });

  it('has a tab for a device in the place of the section while one is selected', () => {
    const device = subjectAfter(NOTHING, 'device:nvdimm0', 1);
    expect(tabsFor(device)[1]).toEqual({ id: 'device', label: 'nvdimm0' });
    expect(tabsFor(subjectAfter(device, 'section:3', 1))[1]).toEqual({
      id: 'section',
      label: 'Section 3',
    });
  });

  it('moves the focus over its links and stops at the ends', () => {
    expect(nextStop('ArrowDown', -1, 3)).toBe(0);
    expect(nextStop('ArrowDown', 2, 3)).toBe(2);
    expect(nextStop('ArrowUp', 0, 3)).toBe(0);
    expect(nextStop('End', 0, 3)).toBe(2);
  });
});

describe('an altmap', () => {
  /** 512 MiB fsdax namespace: 2 info pages, 2558 pages set aside, 510 of them lost to alignment. */
  const altmap = {
    base_pfn: 0x100000,
    end_pfn: 0x11ffff,
    reserve: 2,
    free: 2558,
    align: 510,
    alloc: 2048,
  };

  it('is divided into reserve, alignment and allocation', () => {
    expect(altmapParts(altmap).map(({ name, pages }) => [name, pages])).toEqual([
      ['reserve', 2],
      ['align', 510],
      ['alloc', 2048],
    ]);
    expect(altmapRange(altmap)).toEqual({
      first: 0x100000,
      last: 0x1009ff,
      used: 2558,
      free: 2558,
    });
  });

  it('before anything is allocated is all free', () => {
    expect(altmapParts({ ...altmap, align: 0, alloc: 0 }).map(({ name }) => name)).toEqual([
      'reserve',
      'free',
    ]);
  });
});

it('a sub-section of a section knows its first page', () => {
  const section = {
    start_pfn: 1_048_576,
    end_pfn: 1_081_344,
    subsections: Array.from({ length: 64 }, () => ({ set: true, changed: false })),
  };
  expect(subsectionPfn(section, 5)).toBe(0x100a00);
});
