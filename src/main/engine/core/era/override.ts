import { nearest } from '../../../../shared/lab/suggest.ts';
import { SWITCHES } from './switches.ts';
import { valuesOf, type SwitchValue } from './switch.ts';

/** What is wrong with a lab's own value for a switch: a sentence, with what may have been meant. */
export function overrideProblem(name: string, value: SwitchValue): string | undefined {
  const definition = Object.hasOwn(SWITCHES, name) ? SWITCHES[name] : undefined;
  if (!definition) {
    const meant = nearest(name, Object.keys(SWITCHES));
    const hint = meant ? `did you mean \`${meant}\`?` : '`lab switches` lists them';
    return `there is no switch \`${name}\`; ${hint}`;
  }
  const values = valuesOf(definition);
  if (values.includes(value)) return undefined;
  const sentence = `switch \`${name}\` is ${values.map(valueText).join(' or ')}, not `;
  if (typeof value !== 'string') return `${sentence}${value}`;
  const words = values.filter((one) => typeof one === 'string');
  const meant = nearest(value, words);
  return `${sentence}"${value}"${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

/** A value as a lab writes it: the empty word in quotes. */
export function valueText(value: SwitchValue): string {
  return value === '' ? '""' : String(value);
}
