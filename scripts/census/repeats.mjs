// Stretches of lines that stand in more than one place.

/** Equal lines in a row that make a repeat. */
export const WINDOW = 6;
/** What stands in more places is the language's, or the house's, way to write it. */
const COMMON = 8;

const KEYWORDS = new Set(
  'as async await break case catch const continue default delete do else export extends false finally for from function if import in instanceof interface let new null of readonly return switch this throw true try type typeof undefined void while yield'.split(
    ' ',
  ),
);

/**
 * A line with its names, strings and numbers taken out: alike but for those.
 *
 * @param {string} line
 */
export function shapeOf(line) {
  return line
    .replace(/'[^']*'|"[^"]*"|`[^`]*`/g, 's')
    .replace(/\b\d[\w.]*/g, 'n')
    .replace(/[A-Za-z_$][\w$]*/g, (word) => (KEYWORDS.has(word) ? word : 'x'));
}

/**
 * Pairs of stretches of six or more equal lines, each as long as it can be. Counted are lines of code:
 * spaces at both ends, blank lines, comments, imports and lines without a word or number (closing
 * brackets) are left out.
 *
 * @param {readonly { path: string, text: string }[]} sources
 * @param {(line: string) => string} [as] what of a line has to be equal
 * @returns {{ a: string, b: string, lines: number }[]} `a` and `b` as path:line
 */
export function repeats(sources, as = (line) => line) {
  /** @type {{ text: string, at: string, file: number }[]} */
  const lines = [];
  sources.forEach(({ path, text }, file) => {
    for (const { line, number } of codeLines(text)) {
      lines.push({ text: as(line), at: `${path}:${number}`, file });
    }
  });
  const same = (/** @type {number} */ a, /** @type {number} */ b) =>
    lines[a] !== undefined && lines[a].text === lines[b]?.text;
  /** Is `to` in the same file as the line `from` before it? */
  const joined = (/** @type {number} */ from, /** @type {number} */ to) =>
    lines[from]?.file === lines[to]?.file;

  /** @type {Map<string, number[]>} */
  const windows = new Map();
  /** @type {{ a: string, b: string, lines: number }[]} */
  const found = [];
  for (let at = 0; at + WINDOW <= lines.length; at += 1) {
    if (!joined(at, at + WINDOW - 1)) continue;
    const key = lines
      .slice(at, at + WINDOW)
      .map(({ text }) => text)
      .join('\n');
    const before = windows.get(key) ?? [];
    for (const other of before.length < COMMON ? before : []) {
      const goesOn = same(other - 1, at - 1) && joined(other - 1, other) && joined(at - 1, at);
      if (goesOn || at < other + WINDOW) continue;
      let length = WINDOW;
      while (
        same(other + length, at + length) &&
        joined(other, other + length) &&
        joined(at, at + length)
      ) {
        length += 1;
      }
      found.push({ a: lines[other]?.at ?? '', b: lines[at]?.at ?? '', lines: length });
    }
    windows.set(key, [...before, at]);
  }
  return found;
}

/**
 * @param {string} text
 * @returns {{ line: string, number: number }[]}
 */
function codeLines(text) {
  /** @type {{ line: string, number: number }[]} */
  const lines = [];
  let inComment = false;
  let inImport = false;
  text.split('\n').forEach((raw, index) => {
    const line = raw.trim();
    if (line.startsWith('/*') || line.startsWith('<!--')) inComment = true;
    if (/^import\b(?!\()/.test(line)) inImport = true;
    const counts = !inComment && !inImport && !line.startsWith('//') && /\w/.test(line);
    if (counts) lines.push({ line, number: index + 1 });
    if (/\*\/|-->/.test(line)) inComment = false;
    if (inImport && line.endsWith(';')) inImport = false;
  });
  return lines;
}
