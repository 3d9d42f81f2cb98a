// Pieces of Markdown. Texts come from declarations and are shown as they are, never as markup.

/** @typedef {{ title: string, text: () => string }} Page */

/**
 * @param {string} text in which only `code` means something
 * @returns {string} as one line of running text, or one cell of a table
 */
export function plain(text) {
  return text
    .replace(/\s+/g, ' ')
    .split(/(`[^`]*`)/)
    .map((part) =>
      part.replace(part.startsWith('`') ? /\|/g : /[\\|<>*[\]]/g, (sign) => `\\${sign}`),
    )
    .join('');
}

/**
 * @param {string} text
 * @returns {string} set as code; '' for nothing
 */
export function code(text) {
  if (text === '') return '';
  const fence = text.includes('`') ? '``' : '`';
  return `${fence}${text.replaceAll('|', '\\|')}${fence}`;
}

/**
 * @param {readonly string[]} heads
 * @param {readonly (readonly string[])[]} rows cells that are Markdown already
 * @returns {string} '' for no rows; columns in which nothing stands are left out
 */
export function table(heads, rows) {
  if (rows.length === 0) return '';
  const kept = heads.flatMap((_head, at) => (rows.some((row) => row[at]) ? [at] : []));
  /** @param {readonly string[]} cells */
  const line = (cells) => `| ${kept.map((at) => cells[at] ?? '').join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

/**
 * @param {readonly (string | undefined)[]} blocks
 * @returns {string} those that say something, an empty line between them
 */
export function blocks(...blocks) {
  return blocks.filter((block) => block !== undefined && block !== '').join('\n\n');
}

/**
 * @param {string} text
 * @param {string} [language]
 * @returns {string}
 */
export function fenced(text, language = '') {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
