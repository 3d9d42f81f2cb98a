import { toldSwitches, valueText } from '../../src/main/bench/inspect/switches.ts';
import { ARCHITECTURES } from '../../src/shared/lab/architecture.ts';
import { blocks, code, plain, table } from './markdown.mjs';

/** @typedef {ReturnType<typeof toldSwitches>[number]} ToldSwitch */

/**
 * @param {ToldSwitch['changes'][number]} change
 * @returns {string}
 */
function changeText({ release, backports, commits, titled, arch, to, confirmed, between }) {
  const where = arch.length < ARCHITECTURES.length ? ` on ${arch.join(', ')}` : '';
  const stable = backports.length > 0 ? `, ${backports.join(', ')}` : '';
  const doubt = confirmed ? '' : ` (not confirmed: between ${between?.join(' and ')})`;
  const what = commits.map((title) => (titled ? `“${plain(title)}”` : plain(title))).join('; ');
  return `${release}${stable}${where}${doubt}: ${code(valueText(to))}, ${what}`;
}

/** @type {import('./markdown.mjs').Page} */
export const switches = {
  title: 'Switches: what changed between kernels',
  text: () => {
    const all = toldSwitches();
    const subjects = [...new Set(all.map(({ subject }) => subject))];
    return blocks(
      'Every behaviour that differs between the modelled kernels is a switch; `kernel.switches` of a lab may override ' +
        'single ones. `lab switches --between A B` says what changed between two kernels.',
      ...subjects.map((subject) =>
        blocks(
          `## ${plain(subject)}`,
          table(
            ['switch', 'values', 'says', 'changed in'],
            all
              .filter((one) => one.subject === subject)
              .map(({ name, title, values, changes }) => [
                code(name),
                values.map((value) => code(valueText(value))).join(', '),
                plain(title),
                changes.map(changeText).join('<br>'),
              ]),
          ),
        ),
      ),
    );
  },
};
