/** What a list of rows offers to its owner. */
export interface RowsHandle {
  /** Scrolls as little as shows a row with some rows around it. */
  reveal(index: number): void;
  /** Rows that fit. */
  page(): number;
}
