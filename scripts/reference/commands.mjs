import { COMMANDS } from '../../src/shared/bench/commands.ts';
import { blocks, code, plain, table } from './markdown.mjs';

/**
 * @param {string} keys in tinykeys notation
 * @returns {string} as people write them
 */
function keyText(keys) {
  return keys
    .replace('$mod', 'Ctrl')
    .split('+')
    .map((key) => key.replace(/^Arrow/, '').replace(/^[a-z]$/, (letter) => letter.toUpperCase()))
    .join('+');
}

/** @type {import('./markdown.mjs').Page} */
export const commands = {
  title: 'Commands and keys',
  text: () =>
    blocks(
      'Everything the window does goes through these commands. On macOS `Ctrl` is `Cmd`.',
      table(
        ['command', 'title', 'keys', 'does'],
        Object.values(COMMANDS).map(({ id, title, keys, summary }) => [
          code(id),
          plain(title),
          keys.map((key) => code(keyText(key))).join(', '),
          plain(summary),
        ]),
      ),
    ),
};
