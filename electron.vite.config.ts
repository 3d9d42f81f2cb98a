import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';

const at = (path: string): string => resolve(import.meta.dirname, path);

const MAIN_ENTRIES = {
  index: at('src/main/shells/electron.ts'),
  'engine-worker': at('src/main/bench/engine-worker.ts'),
  'recorder-worker': at('src/main/sessions/recorder-worker.ts'),
};
/** What runs inside a plugin's VM is read as text, in folders beside the code that makes the VM. */
const INSIDE = ['sandbox', 'library'];

const sandboxModules: Plugin = {
  name: 'sandbox-modules',
  generateBundle() {
    for (const folder of INSIDE) {
      const from = at(`src/main/plugins/${folder}`);
      for (const name of globSync('*.js', { cwd: from })) {
        const source = readFileSync(join(from, name), 'utf8');
        this.emitFile({ type: 'asset', fileName: `${folder}/${name}`, source });
      }
    }
  },
};

const PRELOAD = at('src/preload/index.ts');

export default defineConfig({
  main: {
    plugins: [sandboxModules],
    build: {
      outDir: at('out/main'),
      rollupOptions: {
        input: MAIN_ENTRIES,
        // A worker is started by file name, beside whichever file starts it: all in one folder.
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: '[name]-[hash].js',
        },
      },
    },
  },
  preload: {
    build: {
      // A sandboxed preload is one CommonJS file: it can load neither modules nor packages.
      externalizeDeps: false,
      outDir: at('out/preload'),
      rollupOptions: { input: PRELOAD, output: { format: 'cjs', entryFileNames: 'index.cjs' } },
    },
  },
  renderer: {
    root: at('src/renderer'),
    plugins: [vue()],
    build: {
      outDir: at('out/renderer'),
      rollupOptions: { input: at('src/renderer/index.html') },
    },
  },
});
