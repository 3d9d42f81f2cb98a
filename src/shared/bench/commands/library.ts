import { z } from 'zod';
import { command } from '../command.ts';
import { libraryEntry } from '../state.ts';
import { nothing, opened } from './payloads.ts';

/** Commands that keep sessions: the library of recordings, and files to share. */
export const libraryCommands = {
  libraryList: command({
    id: 'org.pfnlab.library.list',
    title: 'List recordings',
    summary: 'Lists the recordings of the library, the newest first.',
    input: nothing,
    output: z.object({ entries: z.array(libraryEntry) }),
  }),
  libraryOpen: command({
    id: 'org.pfnlab.library.open',
    title: 'Open recording',
    summary: 'Opens a recording of the library at the step it was left at.',
    input: z.object({ id: z.string() }),
    output: opened,
  }),
  libraryRemove: command({
    id: 'org.pfnlab.library.remove',
    title: 'Delete recording',
    summary: 'Deletes a recording from the library, and closes it where it is open.',
    input: z.object({ id: z.string() }),
    output: nothing,
  }),

  sessionSave: command({
    id: 'org.pfnlab.session.save',
    title: 'Save session',
    summary: 'Saves place, breakpoints, bookmarks and the layout of the window.',
    input: z.object({ view: z.string().max(1_000_000).optional() }),
    output: z.object({ saved: z.boolean() }),
    keys: ['$mod+s'],
    palette: true,
    menu: { in: 'File', group: 3 },
    changes: true,
  }),
  sessionShare: command({
    id: 'org.pfnlab.session.share',
    title: 'Share session as a file',
    summary: 'Gives the session as one .pfnlab file, its bytes in base64.',
    input: nothing,
    output: z.object({ name: z.string(), base64: z.string() }),
    keys: ['$mod+Shift+s'],
    menu: { in: 'File', group: 3 },
  }),
  sessionOpenShared: command({
    id: 'org.pfnlab.session.openShared',
    title: 'Open a .pfnlab file',
    summary: 'Takes a shared file over into the library and opens it.',
    input: z.object({ name: z.string(), base64: z.string() }),
    output: opened,
  }),
  sessionClose: command({
    id: 'org.pfnlab.session.close',
    title: 'Close session',
    summary: 'Ends the run, saves the session and closes it.',
    input: nothing,
    output: nothing,
    palette: true,
    menu: { in: 'File', group: 4 },
  }),
};
