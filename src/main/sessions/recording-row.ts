import { z } from 'zod';
import type { Database } from './sqlite.ts';

/** Longest lab file, view or summary a recording takes, in UTF-16 units. */
export const MAX_TEXT = 16 * 1024 * 1024;

/** The hardware models a recording was made with. */
const pluginRefs = z
  .array(
    z.strictObject({
      id: z.string().max(256),
      version: z.string().max(64),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  )
  .max(1024);
export type PluginRef = z.infer<typeof pluginRefs>[number];

export const choiceList = z
  .array(z.strictObject({ step: z.int().min(1), actor: z.string().max(1024) }))
  .max(1_000_000);

/** - `running`: being written; `complete`: ran to its end; `interrupted`: neither. */
export type RecordingStatus = 'running' | 'complete' | 'interrupted';

const json = (shape: z.ZodType) => (text: string) => {
  try {
    return shape.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
};

/** A row of `recordings`, as it must be in a file from anywhere. */
export const recordingRow = z.strictObject({
  id: z.int().min(1),
  lab: z.int().nullable(),
  title: z.string().max(4096),
  lab_name: z.string().max(4096),
  lab_text: z.string().max(MAX_TEXT),
  kernel: z.string().max(4096),
  made_by: z.string().max(256),
  created: z.iso.datetime(),
  changed: z.iso.datetime(),
  status: z.enum(['running', 'complete', 'interrupted']),
  steps: z.int().min(0),
  final_hash: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .nullable(),
  hash_format: z.int().min(1),
  tables: z.string().max(1 << 20),
  plugins: z
    .string()
    .max(1 << 20)
    .refine(json(pluginRefs), 'is not a list of plugins'),
  choices: z.string().max(MAX_TEXT).refine(json(choiceList), 'is not a list of choices'),
  position: z.int().min(0),
  view: z.string().max(MAX_TEXT),
  summary: z.string().max(MAX_TEXT),
});
export type RecordingRow = z.infer<typeof recordingRow>;

const COLUMNS = Object.keys(recordingRow.shape);

/** Writes the row under a new id, which it returns. */
export function insertRecording(db: Database, row: Omit<RecordingRow, 'id'>): number {
  const columns = COLUMNS.filter((column) => column !== 'id');
  const values = columns.map((column) => `@${column}`).join(', ');
  const sql = `INSERT INTO recordings (${columns.join(', ')}) VALUES (${values})`;
  return Number(db.prepare(sql).run(row).lastInsertRowid);
}

/** The row, or undefined when there is no such recording. */
export function findRecording(db: Database, id: number): RecordingRow | undefined {
  return db.prepare(`SELECT ${COLUMNS.join(', ')} FROM recordings WHERE id = ?`).get(id) as
    RecordingRow | undefined;
}

/** What the rest of pfnlab sees of a recording. */
export interface RecordingInfo {
  readonly id: number;
  /** The library's lab it was made from; undefined when that is gone or never was here. */
  readonly lab: number | undefined;
  readonly title: string;
  /** File name of the lab as the user knew it. */
  readonly labName: string;
  /** The lab file as it was when the recording was made. */
  readonly labText: string;
  readonly kernel: string;
  /** Program and version that made it. */
  readonly madeBy: string;
  /** ISO 8601. */
  readonly created: string;
  readonly changed: string;
  readonly status: RecordingStatus;
  /** Steps committed so far. */
  readonly steps: number;
  /** State hash after the last step; undefined unless complete. */
  readonly finalHash: string | undefined;
  readonly hashFormat: number;
  readonly plugins: readonly PluginRef[];
  /** Step the session stands at. */
  readonly position: number;
  /** Panes and selection, as the window saved them; '' at first. */
  readonly view: string;
  /** What the bench wants to know without stepping; '' at first. */
  readonly summary: string;
}

export function infoOf(row: RecordingRow): RecordingInfo {
  return {
    id: row.id,
    lab: row.lab ?? undefined,
    title: row.title,
    labName: row.lab_name,
    labText: row.lab_text,
    kernel: row.kernel,
    madeBy: row.made_by,
    created: row.created,
    changed: row.changed,
    status: row.status,
    steps: row.steps,
    finalHash: row.final_hash ?? undefined,
    hashFormat: row.hash_format,
    plugins: pluginRefs.parse(JSON.parse(row.plugins)),
    position: row.position,
    view: row.view,
    summary: row.summary,
  };
}
