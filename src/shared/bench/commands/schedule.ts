import { z } from 'zod';
import { command, sessionCommand } from '../command.ts';
import { moved, nothing } from './payloads.ts';

const actor = z.object({ actor: z.string().min(1).max(200) });

/** Commands that choose who makes the next step. */
export const scheduleCommands = {
  scheduleTakeOver: command({
    id: 'org.pfnlab.schedule.takeOver',
    title: 'Choose who steps from here',
    summary: 'Makes the run again up to the current step, where it waits for a choice.',
    input: nothing,
    output: moved,
    palette: true,
    menu: { in: 'Run', group: 4 },
  }),
  scheduleStep: sessionCommand({
    id: 'org.pfnlab.schedule.step',
    title: 'Let an actor make the next step',
    summary: 'Makes one step of this actor.',
    input: actor,
    output: moved,
    changes: true,
  }),
  scheduleRun: sessionCommand({
    id: 'org.pfnlab.schedule.run',
    title: 'Let an actor go on',
    summary:
      'Makes steps of this actor until it blocks, has done what it can, breaks an invariant or meets a breakpoint.',
    input: actor,
    output: moved,
    changes: true,
  }),
  scheduleResume: sessionCommand({
    id: 'org.pfnlab.schedule.resume',
    title: 'Let the program go on by itself',
    summary: 'Makes the rest of the run under the schedule of the lab.',
    input: nothing,
    output: moved,
    palette: true,
    menu: { in: 'Run', group: 4 },
    changes: true,
  }),
};
