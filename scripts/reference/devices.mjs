import { join } from 'node:path';
import { vocabulary } from '../../src/main/bench/inspect/vocabulary.ts';
import { askedOf, deviceFieldViews } from '../../src/shared/lab/vocabulary.ts';
import { fieldTable } from './fields.mjs';
import { blocks, plain } from './markdown.mjs';

const ROOT = join(import.meta.dirname, '..', '..');

/** @type {import('./markdown.mjs').Page} */
export const devices = {
  title: 'Devices and their actions',
  text: () =>
    blocks(
      'The hardware models that ship, from their manifests. A lab has a device by `devices: [{ id, model, ... }]` and asks ' +
        'it for an action by `ID.ACTION`, or `ID.PART.ACTION` for a part of it.',
      ...vocabulary(ROOT).models.flatMap(({ id, title, fields, actions }) =>
        blocks(
          `## \`${id}\``,
          `${plain(title)}.`,
          fieldTable(deviceFieldViews(fields), 'configuration'),
          ...actions.map((action) =>
            blocks(
              `### \`${id}.${action.id}\``,
              `${plain(action.title)}. ${askedOf(action)}`,
              fieldTable(deviceFieldViews(action.fields), 'argument'),
            ),
          ),
        ),
      ),
    ),
};
