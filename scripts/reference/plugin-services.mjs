import { CALLBACKS } from '../../src/shared/plugins/callbacks.ts';
import { SUBJECTS } from '../../src/shared/plugins/services/services.ts';
import { errnoTable, shapeTable } from './fields.mjs';
import { blocks, code, plain } from './markdown.mjs';

/** @param {{ title: string, description: string, since?: string, until?: string }} declared */
function told({ title, description, since, until }) {
  const from = since === undefined ? '' : ` From Linux ${since} on.`;
  const gone = until === undefined ? '' : ` Gone in ${until}.`;
  return `**${plain(title)}.** ${plain(description)}${from}${gone}`;
}

/** @type {import('./markdown.mjs').Page} */
export const pluginServices = {
  title: 'Services and callbacks of the plugin API',
  text: () =>
    blocks(
      'What a hardware model may ask for: `yield k.NAME({ ... })` runs the kernel function as steps of the calling task and ' +
        'gives its result, or a negative errno. Types: [plugins/api.d.ts](../../plugins/api.d.ts).',
      ...SUBJECTS.map(({ title, services }) =>
        blocks(
          `## ${plain(title.charAt(0).toUpperCase() + title.slice(1))}`,
          ...Object.entries(services).map(([name, service]) =>
            blocks(
              `### ${code(name)}`,
              told(service),
              shapeTable(service.args.shape, 'argument'),
              errnoTable(
                Object.entries(service.fails).map(([errno, why]) => ({ errno, why: why ?? '' })),
              ),
            ),
          ),
        ),
      ),
      '## Callbacks',
      'What the kernel calls of a model, under the names a manifest lists them by: generator functions that get `k` and these arguments.',
      ...Object.entries(CALLBACKS).map(([name, callback]) =>
        blocks(
          `### ${code(name)}`,
          `${told(callback)}${'was' in callback ? ` Older kernels call it ${code(callback.was)}.` : ''}`,
          shapeTable(callback.args.shape, 'argument'),
        ),
      ),
    ),
};
