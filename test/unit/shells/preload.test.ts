import { describe, expect, test, vi } from 'vitest';
import { BenchFailure, openPreload, pathOnDisk } from '../../../src/renderer/bench/door.ts';
import { EchoBench } from './echo-bench.ts';

describe('the window behind the preload', () => {
  test('gets the value of an answer', async () => {
    const { api, status } = openPreload(new EchoBench());
    expect(status.value).toBe('open');
    expect(await api.call('seek', { step: 3 })).toEqual({ name: 'seek', input: { step: 3 } });
  });

  test('gets a refusal as an error that keeps its code and place', async () => {
    const { api } = openPreload(new EchoBench());
    const refused = await api.call('refuse' as 'state', {}).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(BenchFailure);
    expect(refused).toMatchObject({
      message: 'no',
      detail: { code: 'value', file: 'a.lab.yaml', line: 3, column: 5 },
    });
  });

  test('knows where a file lies through the preload only', () => {
    const file = new File(['x'], 'a.lab.yaml');
    vi.stubGlobal('window', { pfnlab: { pathOf: (one: File) => `/labs/${one.name}` } });
    expect(pathOnDisk(file)).toBe('/labs/a.lab.yaml');
    vi.stubGlobal('window', {});
    expect(pathOnDisk(file)).toBe('');
    vi.unstubAllGlobals();
  });

  test('hears events until it stops listening', () => {
    const bench = new EchoBench();
    const heard: unknown[] = [];
    const event = { type: 'progress', steps: 1, fn: 'f' } as const;
    const stop = openPreload(bench).api.listen((one) => heard.push(one));
    bench.tell(event);
    stop();
    bench.tell(event);
    expect(heard).toEqual([event]);
  });
});
