import { nearest } from '../../../../shared/lab/suggest.ts';
import { SYMBOLS } from '../../core/arch/config.ts';
import { parseArgs } from '../../core/command-line.ts';
import { PARAMETERS, unmodelledEffect } from '../../core/parameters.ts';
import type { LabProblem } from './lab-problem.ts';

/** Real symbols one letter beside one the model follows. */
const OTHER_SYMBOLS: readonly string[] = ['X86_PAT'];
/** Shorter words are near too many others: `pti` is not a wrong `pci`. */
const TELLING = 5;
/** Names told of those that are not used. */
const SHOWN = 5;

/** The name that one wrong letter, or two that changed places, was meant for. */
function nearMiss(name: string, known: readonly string[]): string | undefined {
  if (name.length < TELLING || OTHER_SYMBOLS.includes(name)) return undefined;
  return nearest(name, known, 1);
}

function notUsed(what: string, names: readonly string[]): string {
  const more = names.length > SHOWN ? ' ...' : '';
  const [one, verb] = names.length === 1 ? [what, 'is'] : [`${what}s`, 'are'];
  return `${names.length} ${one} ${verb} not used: ${names.slice(0, SHOWN).join(', ')}${more}`;
}

/** Names the model does not follow: those nearly right each by itself, the others in one sentence. */
function unknownNames(
  given: readonly string[],
  known: readonly string[],
  what: string,
  at: (name: string | undefined) => LabProblem['path'],
): LabProblem[] {
  const others: string[] = [];
  const problems = given.flatMap((name): LabProblem[] => {
    const meant = nearMiss(name, known);
    if (meant === undefined) others.push(name);
    if (meant === undefined) return [];
    const message = `there is no ${what} \`${name}\` here; did you mean \`${meant}\`?`;
    return [{ path: at(name), message, severity: 'warning' }];
  });
  if (others.length === 0) return problems;
  return [
    ...problems,
    { path: at(undefined), message: notUsed(what, others), severity: 'warning' },
  ];
}

/** What the model makes of the words of a command line: mistakes, and warnings. */
export function cmdlineProblems(cmdline: string): LabProblem[] {
  const path = ['kernel', 'cmdline'];
  const params = parseArgs(cmdline);
  const effects = params.flatMap(({ name, value }): LabProblem[] => {
    const effect = unmodelledEffect(name, value);
    return effect ? [{ path, message: `\`${name}=\` ${effect}, which is not modelled` }] : [];
  });
  const others = params.flatMap(({ name, value }) =>
    Object.hasOwn(PARAMETERS, name) || unmodelledEffect(name, value) ? [] : [name],
  );
  const known = Object.keys(PARAMETERS);
  return [...effects, ...unknownNames([...new Set(others)], known, 'kernel parameter', () => path)];
}

/** What the model makes of the names of a configuration. */
export function configProblems(config: object): LabProblem[] {
  const known = Object.keys(SYMBOLS);
  const others = Object.keys(config).filter((name) => !known.includes(name));
  const path = ['kernel', 'config'];
  return unknownNames(others, known, 'Kconfig name', (name) =>
    name === undefined ? path : [...path, name],
  );
}
