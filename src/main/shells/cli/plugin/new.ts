import { resolve } from 'node:path';
import { scaffoldPlugin } from '../../../bench/plugins/scaffold.ts';
import { TEMPLATE_NAMES, TEMPLATES } from '../../../bench/plugins/templates.ts';
import type { Verb } from '../verb.ts';

export const newVerb: Verb = {
  name: 'plugin new',
  operands: 'NAME',
  count: [1, 1],
  summary: 'Make a folder NAME with a working model, a lab and a test',
  options: {
    template: {
      value: 'NAME',
      text: `one of ${TEMPLATE_NAMES.join(', ')}; ${TEMPLATE_NAMES[0]} where none is named`,
    },
    ts: { text: 'in TypeScript (the default); pfnlab takes the types off when it reads it' },
    js: { text: 'in JavaScript, with types in comments' },
  },
  notes: [
    ...Object.entries(TEMPLATES).map(([name, text]) => `${name.padEnd(8)} ${text}`),
    '',
    'NAME is that of the folder, the model and its devices: lower-case letters, digits, hyphens.',
    'The types of the plugin API and the schema of the manifest come along in .pfnlab.',
  ].join('\n'),
  run(given, terminal) {
    const [name = ''] = given.operands;
    if (given.switches.has('js') && given.switches.has('ts')) {
      terminal.say('pfnlab: plugin new: it takes --js or --ts, not both');
      return 2;
    }
    const made = scaffoldPlugin({
      root: terminal.root,
      folder: resolve(terminal.folder, name),
      name,
      template: given.values.get('template') ?? 'minimal',
      language: given.switches.has('js') ? 'js' : 'ts',
    });
    if (typeof made === 'string') {
      terminal.say(`pfnlab: plugin new: ${made}`);
      return 2;
    }
    for (const path of made) if (!path.startsWith('.')) terminal.print(`${name}/${path}\n`);
    terminal.say(`next: "npm run -s lab -- plugin test ${name}"`);
    return 0;
  },
};
