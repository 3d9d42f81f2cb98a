import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blocks, code, plain, table } from './markdown.mjs';

const PLUGINS = join(import.meta.dirname, '..', '..', 'plugins');

/** @typedef {{ type: string, format?: string, enum?: string[], default?: unknown, title?: string, description?: string, items?: { properties: Record<string, Field> } }} Field */
/** @typedef {{ properties?: Record<string, Field>, required?: string[] }} Fields */

/**
 * @param {Fields | undefined} fields
 * @param {string} head
 * @returns {string}
 */
function manifestTable(fields, head) {
  const required = fields?.required ?? [];
  return table(
    [head, 'kind', 'default', 'meaning'],
    Object.entries(fields?.properties ?? {}).map(([name, field]) => [
      code(name),
      plain(field.enum?.join(', ') ?? field.format ?? field.type),
      required.includes(name)
        ? 'required'
        : code(field.default === undefined ? '' : String(field.default)),
      plain(field.description ?? field.title ?? ''),
    ]),
  );
}

/** @type {import('./markdown.mjs').Page} */
export const devices = {
  title: 'Devices and their actions',
  text: () => {
    const manifests = readdirSync(PLUGINS, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(PLUGINS, name, 'pfnlab-plugin.json'))
      .flatMap((file) => {
        try {
          return [JSON.parse(readFileSync(file, 'utf8'))];
        } catch {
          return [];
        }
      });
    return blocks(
      'The hardware models that ship, from their manifests. A lab has a device by `devices: [{ id, model, ... }]` and asks ' +
        'it for an action by `ID.ACTION`, or `ID.PART.ACTION` for a part of it.',
      ...manifests.flatMap(({ id, models }) =>
        models.map((/** @type {any} */ model) =>
          blocks(
            `## \`${model.id}\``,
            `${plain(model.title)} (plugin ${code(id)}).`,
            manifestTable(model.config, 'configuration'),
            ...(model.actions ?? []).map((/** @type {any} */ action) =>
              blocks(
                `### \`${model.id}.${action.id}\``,
                `${plain(action.title)}.`,
                manifestTable(action.args, 'argument'),
              ),
            ),
          ),
        ),
      ),
    );
  },
};
