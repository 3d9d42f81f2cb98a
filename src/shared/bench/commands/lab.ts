import { z } from 'zod';
import { command, sessionCommand } from '../command.ts';
import { benchState, problemView } from '../state.ts';
import { named, nothing, opened } from './payloads.ts';

/** Commands about the bench itself and about lab files. */
export const labCommands = {
  state: command({
    id: 'org.pfnlab.bench.state',
    title: 'Show the state of the bench',
    summary: 'Says what is open, where it stands, and where the library is.',
    input: nothing,
    output: benchState,
  }),
  labOpen: command({
    id: 'org.pfnlab.lab.open',
    title: 'Open lab',
    summary: 'Checks a lab file and runs it as a session that is recorded in the library.',
    input: named.extend({
      /** The lab's folder on the machine the bench runs on, where the window knows it. */
      folder: z.string().max(4096).optional(),
      /** Plugins to do without; where it is there, devices that nobody models are left out. */
      without: z.array(z.string().max(200)).max(1000).optional(),
    }),
    output: opened,
    keys: ['$mod+o'],
    menu: { in: 'File', group: 1 },
  }),
  labCheck: command({
    id: 'org.pfnlab.lab.check',
    title: 'Check a lab file',
    summary: 'Says everything that is wrong with a lab file, and runs nothing.',
    input: named,
    output: z.object({ problems: z.array(problemView) }),
  }),
  labImport: command({
    id: 'org.pfnlab.lab.import',
    title: 'Import a machine',
    summary: "Makes a lab from a real machine's boot log, /proc/iomem and /proc/zoneinfo.",
    input: z.object({
      files: z.array(named).min(1).max(64),
      /** Kernel version to model instead of the one in the log. */
      kernel: z.string().optional(),
      /** Architecture, where no file tells it. */
      arch: z.string().optional(),
    }),
    output: z.object({
      yaml: z.string().optional(),
      notes: z.array(
        z.object({
          file: z.string(),
          /** Absent where the note concerns the whole file. */
          line: z.number().optional(),
          text: z.string(),
          reason: z.string(),
          why: z.string().optional(),
        }),
      ),
      problems: z.array(problemView),
    }),
    keys: ['$mod+i'],
    menu: { in: 'File', group: 1 },
  }),
  labText: sessionCommand({
    id: 'org.pfnlab.lab.text',
    title: 'Show the lab file',
    summary: 'Gives the text of the lab file the session was made from.',
    input: nothing,
    output: z.object({
      name: z.string(),
      text: z.string(),
      /** As `labOpen` was given them. */
      folder: z.string().optional(),
      without: z.array(z.string()).optional(),
    }),
    menu: { in: 'File', group: 3 },
  }),
  labShipped: command({
    id: 'org.pfnlab.lab.shipped',
    title: 'List the guided labs',
    summary: 'Lists the labs that ship, in the order in which to meet them.',
    input: nothing,
    output: z.object({
      /** `name`: the path below `labs/`. In the order they are shown in. */
      labs: z.array(
        z.object({ name: z.string(), title: z.string(), topic: z.string(), text: z.string() }),
      ),
    }),
  }),
};
