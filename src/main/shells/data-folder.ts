import { join } from 'node:path';

/**
 * Where the library of recordings lives: PFNLAB_DATA, else the platform's place for user data.
 *
 * @param home the user's home folder
 */
export function dataFolder(env: NodeJS.ProcessEnv, platform: string, home: string): string {
  if (env['PFNLAB_DATA']) return env['PFNLAB_DATA'];
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'pfnlab');
  if (platform === 'win32') {
    return join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'pfnlab');
  }
  return join(env['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'pfnlab');
}
