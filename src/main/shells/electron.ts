/** `npm start` with Electron: wiring only. What it decides lives in app-page.ts and csp.ts. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { app, BrowserWindow, ipcMain, Menu, nativeTheme, protocol, session } from 'electron';
import type { BenchResult } from '../../shared/bench/command.ts';
import { openBench, type BenchFace } from '../bench/bench.ts';
import { APP_PAGE, APP_SCHEME, isOwnPage, isOwnSender, serveAppPage } from './app-page.ts';
import { answer } from './bench-socket.ts';
import { dataFolder } from './data-folder.ts';
import { outputTo } from './output.ts';
import { readDoorPlugins } from './plugin-options.ts';

/** The bundle stands in out/main. */
const root = join(import.meta.dirname, '..', '..');
const NOT_OURS: BenchResult<never> = {
  ok: false,
  error: { code: 'sender', message: 'Only the window of pfnlab may use the bench.' },
};

const output = outputTo(process);
let window: BrowserWindow | undefined;

function openWindow(): BrowserWindow {
  const opened = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 960,
    minHeight: 640,
    show: false,
    title: 'pfnlab',
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#121417' : '#ffffff',
    webPreferences: {
      preload: join(root, 'out', 'preload', 'index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  opened.once('ready-to-show', () => opened.show());
  opened.on('closed', () => (window = undefined));
  void opened.loadURL(APP_PAGE);
  return opened;
}

/** Whatever a page tries: it stays on our own, alone, and without permissions. */
function confine(): void {
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, decide) =>
    decide(false),
  );
  session.defaultSession.setPermissionCheckHandler(() => false);
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.on('will-frame-navigate', (event) => {
      if (!isOwnPage(event.url)) event.preventDefault();
    });
  });
}

function serveBench(bench: BenchFace): void {
  ipcMain.handle('pfnlab:call', (event, command: unknown, input: unknown) => {
    const own = isOwnSender(event.senderFrame, window?.webContents.mainFrame);
    return own ? answer(bench, String(command), input) : NOT_OURS;
  });
  bench.listen((event) => window?.webContents.send('pfnlab:event', event));
}

/** Recordings are committed before the process ends. */
function closeBeforeQuit(bench: BenchFace): void {
  let closed = false;
  app.on('before-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    void bench.close().finally(() => {
      closed = true;
      app.quit();
    });
  });
}

async function main(): Promise<void> {
  await app.whenReady();
  const isMac = process.platform === 'darwin';
  Menu.setApplicationMenu(
    isMac ? Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }]) : null,
  );
  confine();
  protocol.handle(APP_SCHEME, (request) => serveAppPage(join(root, 'out', 'renderer'), request));
  const folder = dataFolder(process.env, process.platform, homedir());
  const bench = await openBench({
    ...{ door: 'electron', folder, root },
    // The first two are Electron and the program's folder.
    ...readDoorPlugins(process.argv.slice(2), process.cwd()),
  });
  serveBench(bench);
  closeBeforeQuit(bench);
  window = openWindow();
  app.on('window-all-closed', () => app.quit());
  app.on('second-instance', () => {
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
}

protocol.registerSchemesAsPrivileged([
  {
    scheme: APP_SCHEME,
    privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
  },
]);

if (app.requestSingleInstanceLock()) {
  main().catch((error: unknown) => {
    output.say(`pfnlab: cannot start: ${(error as Error).message}`);
    app.exit(2);
  });
} else {
  output.say('pfnlab: it is open already; that window comes to the front');
  app.quit();
}
