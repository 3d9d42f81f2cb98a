import type { TableFormat } from '../../shared/bench/table-formats.ts';

/** The forms in which a table is copied elsewhere. */
export const COPIES = [
  { id: 'csv', title: 'CSV' },
  { id: 'json', title: 'JSON' },
] as const satisfies readonly { readonly id: TableFormat; readonly title: string }[];

export type CopyFormat = (typeof COPIES)[number]['id'];
