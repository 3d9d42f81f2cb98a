import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { BenchEvent } from '../shared/bench/commands.ts';
import type { PreloadBench } from '../shared/bench/preload.ts';

const pfnlab: PreloadBench = {
  call: (command, input) => ipcRenderer.invoke('pfnlab:call', command, input),
  pathOf: (file: File) => webUtils.getPathForFile(file),
  listen: (listener) => {
    const receive = (_: unknown, event: BenchEvent): void => listener(event);
    ipcRenderer.on('pfnlab:event', receive);
    return () => {
      ipcRenderer.off('pfnlab:event', receive);
    };
  },
};

contextBridge.exposeInMainWorld('pfnlab', pfnlab);
