// The pages under docs/reference: each is made from the declarations of what it tells of.
import { commandLine } from './command-line.mjs';
import { commands } from './commands.mjs';
import { devices } from './devices.mjs';
import { expectations } from './expectations.mjs';
import { labFile } from './lab-file.mjs';
import { blocks } from './markdown.mjs';
import { operations } from './operations.mjs';
import { pluginServices } from './plugin-services.mjs';

import { switches } from './switches.mjs';
import { world } from './world.mjs';

/** @type {Readonly<Record<string, import('./markdown.mjs').Page>>} */
const PAGES = {
  'lab-file.md': labFile,
  'operations.md': operations,
  'expectations.md': expectations,
  'devices.md': devices,
  'switches.md': switches,
  'world.md': world,
  'command-line.md': commandLine,
  'commands.md': commands,
  'plugin-services.md': pluginServices,
};

const MADE = '<!-- Made by `npm run generate` from the declarations in src; edit those. -->';

/** @returns {Map<string, string>} name of the file, and what is in it */
export function referencePages() {
  const index = Object.entries(PAGES).map(([file, { title }]) => `- [${title}](${file})`);
  /** @type {Map<string, string>} */
  const pages = new Map([['README.md', blocks(MADE, '# Reference', index.join('\n'))]]);
  for (const [file, { title, text }] of Object.entries(PAGES)) {
    pages.set(file, blocks(MADE, `# ${title}`, text()));
  }
  return pages;
}
