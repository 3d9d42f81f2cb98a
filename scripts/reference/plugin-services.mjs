import { SUBJECTS } from '../../src/shared/plugins/services/services.ts';
import { errnoTable, shapeTable } from './fields.mjs';
import { blocks, code, plain } from './markdown.mjs';

/** @type {import('./markdown.mjs').Page} */
export const pluginServices = {
  title: 'Services of the plugin API',
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
              `**${plain(service.title)}.** ${plain(service.description ?? '')}${
                service.since ? ` From Linux ${service.since} on.` : ''
              }${service.until ? ` Gone in ${service.until}.` : ''}`,
              shapeTable(service.args.shape, 'argument'),
              errnoTable(
                Object.entries(service.fails).map(([errno, why]) => ({ errno, why: why ?? '' })),
              ),
            ),
          ),
        ),
      ),
    ),
};
