import type { TableFormat } from '../../shared/bench/table-formats.ts';
import type { TableName } from '../../shared/world/tables.ts';
import { useSession } from './session.ts';

/** What panes copy; where the window may not write to the clipboard, it says so. */
export function useClipboard() {
  const session = useSession();

  async function copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      session.failure = 'The text was not copied: this window may not write to the clipboard.';
    }
  }

  /** All records of one of the model's tables, as of the step the session stands at. */
  async function copyTable(table: TableName, format: TableFormat): Promise<void> {
    const answer = await session.act('table', { table, format });
    if (answer) await copy(answer.text);
  }

  return { copy, copyTable };
}
