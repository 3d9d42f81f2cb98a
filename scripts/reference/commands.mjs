import { COMMANDS } from '../../src/shared/bench/commands.ts';
import { FOCUS_KEYS, WINDOW_COMMANDS } from '../../src/shared/bench/window-commands.ts';
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

/** @param {readonly import('../../src/shared/bench/window-commands.ts').WindowDeclaration[]} commands */
function listed(commands) {
  return table(
    ['command', 'title', 'keys', 'does'],
    commands.map(({ id, title, keys = [], summary }) => [
      code(id),
      plain(title),
      keys.map((key) => code(keyText(key))).join(', '),
      plain(summary),
    ]),
  );
}

const { next, previous, nth } = FOCUS_KEYS;

/** @type {import('./markdown.mjs').Page} */
export const commands = {
  title: 'Commands and keys',
  text: () =>
    blocks(
      'Whatever changes or asks the bench goes through these commands. On macOS `Ctrl` is `Cmd`.',
      listed(Object.values(COMMANDS)),
      '## The window',
      'What the window does by itself. Each pane and each theme has a command to switch it, `org.pfnlab.view.NAME`.',
      listed(Object.values(WINDOW_COMMANDS)),
      table(
        ['keys', 'do'],
        [
          [code(keyText(next.key)), plain(next.summary)],
          [code(keyText(previous.key)), plain(previous.summary)],
          [code(`${keyText(`${nth.key}1`)} … ${nth.most}`), plain(nth.summary)],
        ],
      ),
    ),
};
