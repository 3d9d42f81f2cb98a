import { describe, expect, test } from 'vitest';
import { dataFolder } from '../../../src/main/shells/data-folder.ts';

describe('the folder of recordings', () => {
  test('is where PFNLAB_DATA says, on every platform', () => {
    const env = { PFNLAB_DATA: '/data', XDG_DATA_HOME: '/xdg', LOCALAPPDATA: 'C:\\x' };
    for (const platform of ['linux', 'darwin', 'win32']) {
      expect(dataFolder(env, platform, '/home/a')).toBe('/data');
    }
  });

  test('follows the XDG base directories on Linux; an empty variable counts as unset', () => {
    expect(dataFolder({ XDG_DATA_HOME: '/xdg' }, 'linux', '/home/a')).toBe('/xdg/pfnlab');
    expect(dataFolder({ XDG_DATA_HOME: '' }, 'linux', '/home/a')).toBe(
      '/home/a/.local/share/pfnlab',
    );
  });

  test('is in Application Support on macOS', () => {
    expect(dataFolder({}, 'darwin', '/Users/a')).toBe(
      '/Users/a/Library/Application Support/pfnlab',
    );
  });
});
