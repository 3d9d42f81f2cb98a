import { join } from 'node:path';
import type { labCommands } from '../../../../shared/bench/commands/lab.ts';
import { importFiles } from '../../../formats/import.ts';
import { problemViews } from '../problems.ts';
import { prepareLab } from '../sessions.ts';
import { shippedLabs } from '../shipped-labs.ts';
import type { Handlers } from './handlers.ts';

export const labHandlers: Handlers<typeof labCommands> = {
  state: (workspace) => workspace.state(),
  labOpen: (workspace, { name, text, ...where }) => workspace.openLab(name, text, where),
  labCheck: ({ plugins }, { name, text }) => ({
    problems: problemViews(prepareLab(name, text, plugins.catalogue).problems),
  }),
  labImport: (_workspace, { files, ...options }) => {
    const { yaml, notes, problems } = importFiles(files, options);
    return { ...(yaml === undefined ? {} : { yaml }), notes, problems: problemViews(problems) };
  },
  labText: ({ labName, labText, labFolder, without }) => ({
    name: labName,
    text: labText,
    ...(labFolder === undefined ? {} : { folder: labFolder }),
    ...(without === undefined ? {} : { without: [...without] }),
  }),
  labShipped: ({ options }) => ({ labs: shippedLabs(join(options.root, 'labs')) }),
};
