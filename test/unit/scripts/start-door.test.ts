import { describe, expect, it } from 'vitest';
import { askedDoor, chooseDoor } from '../../../scripts/start-door.mjs';

const DESKTOP = { platform: 'linux', uid: 1000, env: { DISPLAY: ':0' }, asked: null } as const;

describe('chooseDoor', () => {
  it('opens Electron for a user with a display', () => {
    expect(chooseDoor(DESKTOP)).toEqual({ door: 'electron' });
    expect(chooseDoor({ ...DESKTOP, env: { WAYLAND_DISPLAY: 'wayland-0' } })).toEqual({
      door: 'electron',
    });
  });

  it('opens the web door for root and says so, even when Electron was asked for', () => {
    const reason = 'running as root, where Chromium refuses its sandbox';
    expect(chooseDoor({ ...DESKTOP, uid: 0 })).toEqual({ door: 'web', reason });
    expect(chooseDoor({ ...DESKTOP, uid: 0, asked: 'electron' })).toEqual({ door: 'web', reason });
  });

  it('opens the web door without a display and says so', () => {
    for (const env of [{}, { DISPLAY: '' }]) {
      expect(chooseDoor({ ...DESKTOP, env })).toEqual({
        door: 'web',
        reason: 'there is no display (DISPLAY and WAYLAND_DISPLAY are unset)',
      });
    }
  });

  it('needs neither variable where the desktop is no X or Wayland server', () => {
    expect(chooseDoor({ ...DESKTOP, platform: 'darwin', env: {} })).toEqual({ door: 'electron' });
    expect(chooseDoor({ ...DESKTOP, platform: 'win32', uid: null, env: {} })).toEqual({
      door: 'electron',
    });
  });

  it('opens the web door for whoever asks for it', () => {
    expect(chooseDoor({ ...DESKTOP, asked: 'web' })).toEqual({
      door: 'web',
      reason: 'asked for with --web',
    });
  });
});

describe('askedDoor', () => {
  it('keeps --electron and --web to itself and passes every other option on in order', () => {
    expect(askedDoor(['--port', '4321', '--electron', 'a.lab.yaml'], {})).toEqual({
      asked: 'electron',
      rest: ['--port', '4321', 'a.lab.yaml'],
    });
  });

  it('lets an option overrule PFNLAB_DOOR', () => {
    expect(askedDoor([], { PFNLAB_DOOR: 'electron' }).asked).toBe('electron');
    expect(askedDoor(['--web'], { PFNLAB_DOOR: 'electron' }).asked).toBe('web');
    expect(askedDoor([], { PFNLAB_DOOR: 'nonsense' }).asked).toBeNull();
  });
});
