import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/shared/bench/commands.ts';
import { keyLabel, shownKey } from '../../../src/renderer/bench/keys.ts';

describe('keys as the window prints them', () => {
  it('names modifiers and arrows as keyboards do', () => {
    expect(keyLabel('$mod+Shift+s')).toBe('Ctrl+Shift+S');
    expect(keyLabel('Alt+ArrowRight')).toBe('Alt+→');
  });

  it('prints the key a browser leaves to the page', () => {
    expect(shownKey(COMMANDS.continue.keys, 'web')).toBe('F8');
    expect(shownKey(COMMANDS.reverseContinue.keys, 'web')).toBe('Ctrl+F8');
    expect(shownKey(COMMANDS.stepInto.keys, 'web')).toBe('Alt+→');
  });

  it('prints the first key where the window has all of them', () => {
    expect(shownKey(COMMANDS.continue.keys, 'electron')).toBe('F5');
    expect(shownKey(COMMANDS.stepInto.keys, 'electron')).toBe('F11');
  });

  it('prints nothing for an action without keys', () => {
    expect(shownKey([], 'web')).toBe('');
  });
});
