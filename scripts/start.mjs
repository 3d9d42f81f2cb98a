// npm start [-- [--electron | --web] OPTION...]: opens the bench, in Electron where that can run,
// else as a local web page. Other options go to the door that opens.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, buildIsStale } from './build.mjs';
import {
  ASKED_DOWNLOAD_MS,
  downloadElectron,
  findElectron,
  rememberedFailure,
  UNASKED_DOWNLOAD_MS,
} from './electron-binary.mjs';
import { runOnTerminal } from './node24.mjs';
import { askedDoor, chooseDoor } from './start-door.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @param {string[]} argv
 * @returns {Promise<number>}
 */
async function main(argv) {
  const { asked, rest } = askedDoor(argv, process.env);
  if (buildIsStale(root)) {
    say('building the window');
    const code = await build(root);
    if (code !== 0) {
      say('the build failed (see above).');
      return code;
    }
  }
  const uid = process.getuid?.() ?? null;
  const door = chooseDoor({ platform: process.platform, uid, env: process.env, asked });
  if (door.door === 'web') return openWeb(door.reason, rest);
  const electron = await obtainElectron(asked === 'electron');
  if ('reason' in electron) return openWeb(electron.reason, rest);
  // Editors set this in their terminals, and it turns Electron into a plain Node.
  const env = { ELECTRON_RUN_AS_NODE: undefined };
  return runOnTerminal(electron.path, [root, ...rest], { cwd: process.cwd(), env });
}

/**
 * @param {boolean} asked whether the user named Electron: then a remembered failure is forgotten
 * @returns {Promise<{ path: string } | { reason: string }>}
 */
async function obtainElectron(asked) {
  const found = findElectron(root, process.env);
  if (found !== null) return { path: found };
  const remembered = asked ? null : rememberedFailure(root);
  const limit = asked ? ASKED_DOWNLOAD_MS : UNASKED_DOWNLOAD_MS;
  if (remembered === null) say(`downloading Electron (for ${limit / 1000} s at most)`);
  const failure = remembered ?? (await downloadElectron(root, limit));
  const downloaded = findElectron(root, process.env);
  if (downloaded !== null) return { path: downloaded };
  const again = '"npm start -- --electron" tries again and waits longer';
  return { reason: `the Electron binary could not be downloaded (${failure}); ${again}` };
}

/**
 * @param {string} reason
 * @param {string[]} args
 * @returns {Promise<number>}
 */
function openWeb(reason, args) {
  say(`opening as a local web page instead of in Electron: ${reason}`);
  const shell = join(root, 'src', 'main', 'shells', 'web.ts');
  return runOnTerminal(process.execPath, [shell, ...args], { cwd: process.cwd() });
}

/** @param {string} sentence */
function say(sentence) {
  process.stderr.write(`pfnlab: ${sentence}\n`);
}

process.exitCode = await main(process.argv.slice(2));
