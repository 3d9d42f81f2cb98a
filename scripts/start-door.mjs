// Which door `npm start` opens, as a function of facts alone.

/**
 * @typedef {object} StartFacts
 * @property {string} platform as process.platform
 * @property {number | null} uid null where users have no numbers
 * @property {NodeJS.ProcessEnv} env
 * @property {'electron' | 'web' | null} asked the door the user named
 */

/** @typedef {{ door: 'electron' } | { door: 'web', reason: string }} Door */

/**
 * The door, before anybody looked for the Electron binary.
 *
 * Chromium refuses its sandbox to root, and pfnlab never runs without it; so root gets the web
 * door even when Electron was asked for.
 *
 * @param {StartFacts} facts
 * @returns {Door}
 */
export function chooseDoor({ platform, uid, env, asked }) {
  if (asked === 'web') return { door: 'web', reason: 'asked for with --web' };
  if (uid === 0) {
    return { door: 'web', reason: 'running as root, where Chromium refuses its sandbox' };
  }
  const hasDisplay = platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
  if (!hasDisplay) {
    return { door: 'web', reason: 'there is no display (DISPLAY and WAYLAND_DISPLAY are unset)' };
  }
  return { door: 'electron' };
}

/**
 * Takes the options of `npm start` itself out of the command line; the rest goes to the door.
 *
 * @param {readonly string[]} argv
 * @param {NodeJS.ProcessEnv} env PFNLAB_DOOR=electron or =web stands for the option
 * @returns {{ asked: 'electron' | 'web' | null, rest: string[] }} the last one named wins
 */
export function askedDoor(argv, env) {
  /** @type {'electron' | 'web' | null} */
  let asked = env.PFNLAB_DOOR === 'electron' || env.PFNLAB_DOOR === 'web' ? env.PFNLAB_DOOR : null;
  const rest = [];
  for (const argument of argv) {
    if (argument === '--electron') asked = 'electron';
    else if (argument === '--web') asked = 'web';
    else rest.push(argument);
  }
  return { asked, rest };
}
