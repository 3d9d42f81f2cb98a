/** How the records of a table are written out: to copy elsewhere, or in columns to read. */
export const TABLE_FORMATS = ['csv', 'json', 'columns'] as const;

export type TableFormat = (typeof TABLE_FORMATS)[number];
