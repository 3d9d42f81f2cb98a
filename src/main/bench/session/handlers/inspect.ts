import type { OutputOf } from '../../../../shared/bench/commands.ts';
import type { inspectCommands } from '../../../../shared/bench/commands/inspect.ts';
import type { TableFormat } from '../../../../shared/bench/table-formats.ts';
import { tableCsv, tableJson } from '../../../../shared/world/copy.ts';
import { tableSchema, type TableSchema } from '../../../../shared/world/tables.ts';
import type { Row } from '../../../../shared/world/value.ts';
import type { StepSource } from '../../../engine/core/world/timeline.ts';
import { actorViews } from '../../inspect/actors.ts';
import type { Inspection } from '../../inspect/context.ts';
import { stepLog, kernelLog } from '../../inspect/log.ts';
import { machineView } from '../../inspect/machine.ts';
import { mapView } from '../../inspect/map.ts';
import { nodeViews } from '../../inspect/nodes.ts';
import { extentView, pageView } from '../../inspect/page.ts';
import { pgmapViews } from '../../inspect/pgmaps.ts';
import { sectionRuns, sectionView } from '../../inspect/sections.ts';
import { spaceViews } from '../../inspect/spaces.ts';
import { stepRow, stepView } from '../../inspect/step-rows.ts';
import { kernelText } from '../../inspect/kernel-text.ts';
import { tableText } from '../../inspect/table-text.ts';
import { textView } from '../../inspect/texts.ts';
import { varViews } from '../../inspect/vars.ts';
import type { OpenSession } from '../open-session.ts';
import type { Handlers } from './handlers.ts';
import { Refusal } from '../refusal.ts';

function look(open: OpenSession): Inspection {
  return open.session.inspection();
}

/** Throws a refusal for a step the recording does not have. */
function known(open: OpenSession, step: number, least = 1): number {
  const { length } = open.session;
  if (step < least || step > length) {
    throw new Refusal('no-step', `there is no step ${step}: the recording has ${length}`);
  }
  return step;
}

/** Steps that wrote a device's registers or state, at most `limit`. */
function deviceTicks(
  source: StepSource,
  from: number,
  to: number,
  limit: number,
): NonNullable<OutputOf<'lanes'>['ticks']> {
  const ticks: { device: string; seq: number }[] = [];
  for (let seq = from; seq <= to && ticks.length < limit; seq += 1) {
    const devices = new Set<string>();
    for (const { table, key, from: old, to: now } of source.step(seq).diff) {
      if (table === 'devices') devices.add(String(key));
      if (table === 'registers') devices.add(String((now ?? old)?.['device']));
    }
    for (const device of devices) ticks.push({ device, seq });
  }
  return ticks;
}

const TABLE_TEXTS: Readonly<
  Record<TableFormat, (schema: TableSchema, rows: Iterable<Row>) => string>
> = { csv: tableCsv, json: tableJson, columns: tableText };

/** Commands that look at a session at its current step, and change nothing. */
export const inspectHandlers: Handlers<typeof inspectCommands> = {
  children: (open, input) => {
    const { session } = open;
    if (input.parent > 0) known(open, input.parent);
    const all = session.tree.children(input.parent, input.changes_only);
    const rows = all
      .slice(input.offset, input.offset + input.count)
      .map((seq) => stepRow(session.source.step(seq), session.tree, session));
    return { rows, total: all.length };
  },

  path: (open, { step, changes_only }) => {
    const { session } = open;
    if (step === 0) return { path: [] };
    known(open, step);
    const line = [...session.tree.ancestors(step), session.source.step(step)];
    return {
      path: line.map((one) => ({
        row: stepRow(one, session.tree, session),
        index: session.tree.children(one.parent, changes_only).indexOf(one.seq),
      })),
    };
  },

  steps: (open, { first, count }) => {
    const { session } = open;
    const from = Math.max(first, 1);
    const to = Math.min(from + count - 1, session.length);
    const rows = [];
    for (let seq = from; seq <= to; seq += 1) {
      rows.push(stepRow(session.source.step(seq), session.tree, session));
    }
    return { rows, length: session.length };
  },

  lanes: (open, { first, last, depth, limit }) => {
    const { session } = open;
    const bars: OutputOf<'lanes'>['bars'] = [];
    const from = Math.max(first, 1);
    const to = Math.min(last, session.length);
    if (from > to) return { bars, complete: true, ticks: [] };
    const begin = session.source.step(from);
    const around = [...session.tree.ancestors(from), begin].filter((step) => step.depth <= depth);
    for (const step of around) bars.push(stepRow(step, session.tree, session));
    for (let seq = from + 1; seq <= to; seq += 1) {
      const step = session.source.step(seq);
      if (step.depth > depth) continue;
      if (bars.length >= limit) return { bars, complete: false, ticks: [] };
      bars.push(stepRow(step, session.tree, session));
    }
    return { bars, complete: true, ticks: deviceTicks(session.source, from, to, limit) };
  },

  step: (open, { step }) => {
    const { session } = open;
    return stepView(session.source, session.tree, known(open, step), session);
  },

  machine: (open) => machineView(look(open), open.title, open.devices),

  nodes: (open) => ({ nodes: nodeViews(look(open)) }),

  sections: (open, { offset, count }) => sectionRuns(look(open), offset, count),

  section: (open, { nr }) => {
    const limit = open.session.facts.arch.nr_mem_sections;
    if (nr >= limit) {
      throw new Refusal('no-section', `there is no section ${nr}: NR_MEM_SECTIONS is ${limit}`);
    }
    return sectionView(look(open), nr);
  },

  page: (open, { pfn }) => {
    const { arch } = open.session.facts;
    if (pfn >= 2 ** (arch.max_physmem_bits - arch.page_shift)) {
      const bits = arch.max_physmem_bits;
      throw new Refusal('no-pfn', `pfn 0x${pfn.toString(16)} is beyond MAX_PHYSMEM_BITS ${bits}`);
    }
    return pageView(look(open), pfn);
  },

  extents: (open, { start, end, count }) => {
    const inspection = look(open);
    const rows = inspection.world.overlapping('pages', start, end);
    return {
      extents: rows.slice(0, count).map((row) => extentView(inspection, row)),
      more: rows.length > count,
    };
  },

  pgmaps: (open) => ({ pgmaps: pgmapViews(look(open)) }),

  spaces: (open) => ({ spaces: spaceViews(look(open)) }),

  map: (open, { start, end, tiers, limit }) => mapView(look(open), { start, end }, tiers, limit),

  text: (open, { file }) =>
    textView(look(open), open.session.inspectionBefore(), (inspection) =>
      kernelText(inspection, file),
    ),

  table: (open, { table, format }) => ({
    text: TABLE_TEXTS[format](tableSchema(table), open.session.cursor.world.rows(table)),
  }),

  vars: (open) => ({ vars: varViews(look(open)) }),

  log: (open, { source, count }) =>
    source === 'kernel' ? kernelLog(look(open), count) : stepLog(look(open), count),

  actors: (open) => ({
    actors: actorViews(look(open), open.session.actorSteps, open.operations),
  }),

  expectations: (open) => ({
    expectations: open.session.expectations,
  }),
};
