import { arrange, type Pane } from './pane.ts';

/** Every folder of panes/ with a `pane.ts`: adding one adds the pane. */
export const FOUND_PANES = arrange(
  Object.values(import.meta.glob<Pane>('../panes/*/pane.ts', { eager: true, import: 'default' })),
);
