import { z } from 'zod';
import { readDocument, type SourceDocument } from '../../shared/lab/document.ts';
import { problemsOf } from '../../shared/lab/issues.ts';
import { inOrder } from '../../shared/lab/parse.ts';
import type { Path, Problem } from '../../shared/lab/problem.ts';
import { CALLBACK_NAMES } from '../../shared/plugins/callbacks.ts';
import { fieldsSchema } from '../../shared/plugins/fields.ts';
import {
  ACTION_TARGETS,
  API_VERSION,
  id,
  LIMITS,
  regionSchema,
  registerSchema,
  title,
  viewSchema,
} from '../../shared/plugins/model.ts';
import type { PluginProblem } from './problem.ts';

const actionSchema = z.strictObject({
  id,
  title: title.optional(),
  on: z.enum(ACTION_TARGETS).default('device'),
  args: fieldsSchema.default({}),
  returns: z.record(z.string(), z.any()).optional(),
});

const modelSchema = z.strictObject({
  id,
  title: title.optional(),
  config: fieldsSchema.default({}),
  regions: z.array(regionSchema).max(LIMITS.regions).default([]),
  registers: z.array(registerSchema).max(LIMITS.registers).default([]),
  actions: z.array(actionSchema).max(256).default([]),
  /** What nobody calls is a mistake: the driver would wait for it in vain. */
  callbacks: z.array(z.enum(CALLBACK_NAMES)).max(64).default([]),
  views: z.array(viewSchema).max(64).default([]),
});

const manifestSchema = z.strictObject({
  $schema: z.string().optional(),
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/, 'a reverse-DNS id such as org.example.nvdimm')
    .max(128),
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, 'a version such as 1.0.0')
    .max(64),
  apiVersion: z.literal(API_VERSION, { error: `${API_VERSION}, the plugin API of this pfnlab` }),
  title,
  author: z.string().min(1).max(128).optional(),
  licence: z.string().min(1).max(64),
  main: z
    .string()
    .regex(
      /^[A-Za-z0-9_][A-Za-z0-9_.-]*\.[jt]s$/,
      'the name of a .js or .ts file beside the manifest',
    ),
  models: z.array(modelSchema).min(1).max(64),
});

/** The JSON Schema of manifests, for editors. */
export function manifestJsonSchemaText(): string {
  const schema = z.toJSONSchema(manifestSchema, { io: 'input', target: 'draft-7' });
  return JSON.stringify({ title: 'pfnlab plugin manifest', ...schema }, undefined, 2);
}

export type Manifest = z.output<typeof manifestSchema>;
export type ManifestModel = z.output<typeof modelSchema>;

export type ManifestResult =
  | { readonly ok: true; readonly manifest: Manifest }
  | { readonly ok: false; readonly problems: readonly PluginProblem[] };

/** Reads a manifest; every problem is collected, with its place. */
export function readManifest(text: string, file: string): ManifestResult {
  const size = new TextEncoder().encode(text).length;
  if (size > LIMITS.manifestBytes) {
    const message = `the manifest has ${size} bytes; at most ${LIMITS.manifestBytes} are read`;
    return { ok: false, problems: [{ file, line: 1, column: 1, code: 'limit', message }] };
  }
  // JSON is YAML, and the YAML reader knows where everything stands.
  const document = readDocument(text, file);
  let json: unknown;
  try {
    json = JSON.parse(text) as unknown;
  } catch (error) {
    const [first] = document.problems;
    const place = first ?? placeOf(error, text, file);
    const detail = error instanceof Error ? error.message : String(error);
    const message = `this is not JSON: ${first?.message.replace(/^broken YAML: /, '') ?? detail}`;
    return {
      ok: false,
      problems: [{ file, line: place.line, column: place.column, code: 'syntax', message }],
    };
  }
  const parsed = manifestSchema.safeParse(json);
  const problems = [
    ...document.problems,
    ...(parsed.success
      ? repeated(parsed.data, document)
      : problemsOf(parsed.error.issues, manifestSchema, json, [], document, 'the manifest')),
  ];
  if (!parsed.success || problems.length > 0) {
    return { ok: false, problems: inOrder(problems).map(pluginProblem) };
  }
  return { ok: true, manifest: parsed.data };
}

function pluginProblem({ file, line, column, code, message }: Problem): PluginProblem {
  return { file, line, column, code, message };
}

function placeOf(error: unknown, text: string, file: string) {
  const found = error instanceof Error ? /position (\d+)/.exec(error.message) : null;
  const before = text.slice(0, Number(found?.[1] ?? 0)).split('\n');
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Names that stand twice, and views of registers that are not there. */
function repeated(manifest: Manifest, document: SourceDocument): Problem[] {
  const problems: Problem[] = [];
  const say = (path: Path, message: string) => {
    problems.push({ ...document.locate(path), code: 'value', severity: 'error', message, path });
  };
  const unique = (names: readonly string[], path: (at: number) => Path, what: string) => {
    const seen = new Set<string>();
    names.forEach((name, at) => {
      if (seen.has(name)) say(path(at), `${what} \`${name}\` is declared twice`);
      seen.add(name);
    });
  };
  unique(
    manifest.models.map((model) => model.id),
    (at) => ['models', at, 'id'],
    'model',
  );
  manifest.models.forEach((model, at) => {
    for (const list of ['regions', 'registers', 'actions'] as const) {
      const names = model[list].map((entry) => entry.id);
      unique(names, (index) => ['models', at, list, index, 'id'], list.slice(0, -1));
    }
    const registers = new Set(model.registers.map((register) => register.id));
    model.views.forEach((view, index) => {
      if (!registers.has(view.rows)) {
        say(
          ['models', at, 'views', index, 'rows'],
          `there is no register \`${view.rows}\` to show`,
        );
      }
    });
  });
  return problems;
}
