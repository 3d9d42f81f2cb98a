import { TABLES } from '../../src/shared/world/tables.ts';
import { blocks, code, plain, table } from './markdown.mjs';

/** @type {import('./markdown.mjs').Page} */
export const world = {
  title: 'The world: tables and fields',
  text: () =>
    blocks(
      'All state of a run is in these records. A step is what it changed of them, the state hash counts every field, and ' +
        '`lab show FILE --table NAME` prints one of the tables.',
      ...TABLES.map(({ name, declared: { title, meaning, struct, key, unit, fields } }) =>
        blocks(
          `## \`${name}\``,
          `**${plain(title)}.** ${plain(meaning)}.${struct ? ` Stands for ${code(`struct ${struct}`)}.` : ''} ${
            unit ? `Extents, by ${code(unit)}.` : `Key: ${code(key)}.`
          }`,
          table(
            ['field', 'kind', 'meaning'],
            Object.entries(fields).map(
              ([field, { kind, refers, nullable, names, meaning: says }]) => [
                code(field),
                `${refers ? `key of ${code(refers)}` : plain((names ?? [kind]).join(', '))}${nullable ? ' or none' : ''}`,
                plain(says),
              ],
            ),
          ),
        ),
      ),
    ),
};
