import { describe, expect, it } from 'vitest';
import { current, generated } from '../../../scripts/generate.mjs';
import { SWITCHES } from '../../../src/main/engine/core/era/switches.ts';
import { VERBS } from '../../../src/main/shells/cli/dispatch.ts';
import { COMMANDS } from '../../../src/shared/bench/commands.ts';
import { WINDOW_COMMANDS } from '../../../src/shared/bench/window-commands.ts';
import { declarationViews } from '../../../src/shared/lab/declarations.ts';
import { INVARIANT_IDS } from '../../../src/shared/lab/invariants.ts';
import { CALLBACK_NAMES } from '../../../src/shared/plugins/callbacks.ts';
import { SUBJECTS } from '../../../src/shared/plugins/services/services.ts';
import { TABLES } from '../../../src/shared/world/tables.ts';

const texts = await generated();
const page = (name: string) => texts.get(`docs/reference/${name}.md`) ?? '';

describe('generated: what is derived and kept in the repository', () => {
  it.each([...texts.keys()])('%s is as `npm run generate` makes it', (path) => {
    expect(current(path)).toBe(texts.get(path));
  });
});

describe('the reference tells of everything that is declared', () => {
  it.each(declarationViews())('$kind $name with all its fields and errors', (view) => {
    const { name, kind, fields, fails } = view;
    const [, section = ''] = page(`${kind}s`).split(`\n## \`${name}\`\n`);
    const [own = ''] = section.split('\n## ');
    for (const field of fields.flatMap((one) => one.fields))
      expect(own).toContain(`\`${field.name}\``);
    for (const { errno } of fails) expect(own).toContain(`\`${errno}\``);
  });

  it.each(TABLES)('table $name with all its fields', ({ name, fields }) => {
    const [, section = ''] = page('world').split(`\n## \`${name}\`\n`);
    const [own = ''] = section.split('\n## ');
    for (const field of fields) expect(own).toContain(`| \`${field}\``);
  });

  it.each([
    ['switches', Object.keys(SWITCHES)],
    [
      'commands',
      [...Object.values(COMMANDS), ...Object.values(WINDOW_COMMANDS)].map(({ id }) => id),
    ],
    ['expectations', INVARIANT_IDS],
    [
      'plugin-services',
      [...SUBJECTS.flatMap(({ services }) => Object.keys(services)), ...CALLBACK_NAMES],
    ],
    ['command-line', VERBS.flatMap(({ options }) => Object.keys(options).map((one) => `--${one}`))],
  ])('%s: every name', (name, names) => {
    const told = page(name);
    for (const one of names)
      expect(told).toMatch(new RegExp(`\`${one.replace(/[.]/g, '\\.')}[\` ]`));
  });
});
