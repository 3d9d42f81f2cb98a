import { parseArgs } from 'node:util';
import { PLUGIN_HELP, PLUGIN_OPTIONS, pluginsNamed, type GivenPlugins } from './plugin-options.ts';

export const DEFAULT_PORT = 4571;

export const WEB_HELP = `npm start -- [--electron | --web] [--port N] [--plugin PLUGIN]...

Opens the bench: in Electron where that can run, else as a page of this machine (127.0.0.1).

  --electron            try Electron again, even where its download failed before
  --web                 open it as a page
  --port N              serve the page on port N (default ${DEFAULT_PORT}; 0 takes a free one)
${PLUGIN_HELP}
Recordings are kept in PFNLAB_DATA, else in the platform's folder for user data.
`;

export type WebOptions =
  | ({ readonly help: boolean; readonly port: number } & ReturnType<typeof pluginsNamed>)
  | { readonly problem: string };

/** @param folder the caller's */
export function readWebOptions(argv: readonly string[], folder: string): WebOptions {
  let values: { port?: string | undefined; help?: boolean | undefined } & GivenPlugins;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        ...PLUGIN_OPTIONS,
        port: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    const first = (error as Error).message.split('. ')[0] ?? '';
    return { problem: `${first}; "npm start -- --help" lists the options` };
  }
  const port = values.port === undefined ? DEFAULT_PORT : Number(values.port);
  if (!/^\d+$/.test(values.port ?? '0') || port > 65535) {
    return { problem: `--port takes a number from 0 to 65535, not "${values.port}"` };
  }
  return { help: values.help ?? false, port, ...pluginsNamed(values, folder) };
}
