import { contextBridge, ipcRenderer } from 'electron';
import type { BenchError, BenchResult } from '../shared/bench/command.ts';
import type { BenchApi, BenchEvent } from '../shared/bench/commands.ts';

/**
 * The bench as the window sees it. A refusal rejects with the plain `BenchError`: an Error object
 * would lose its code and place on the way through the context bridge.
 */
const pfnlab: BenchApi = {
  call: async (command, input) => {
    const result: BenchResult<unknown> = await ipcRenderer.invoke('pfnlab:call', command, input);
    if (!result.ok) throw result.error satisfies BenchError;
    return result.value as never;
  },
  listen: (listener) => {
    const receive = (_: unknown, event: BenchEvent): void => listener(event);
    ipcRenderer.on('pfnlab:event', receive);
    return () => {
      ipcRenderer.off('pfnlab:event', receive);
    };
  },
};

contextBridge.exposeInMainWorld('pfnlab', pfnlab);
