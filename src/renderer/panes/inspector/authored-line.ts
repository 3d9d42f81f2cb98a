/** A line of a list in which every line has the step that made it. */
export interface AuthoredLine {
  readonly name: string;
  /** Behind the name, digits grouped. */
  readonly address?: string;
  readonly what: string;
  readonly by: number;
  readonly hint?: string;
  /** The current step made it. */
  readonly changed?: boolean;
  /** A step that is still ahead makes it. */
  readonly ahead?: boolean;
}
