/** The model failed: one sentence, with its place and module where QuickJS told them. */
export class VmFault {
  readonly message: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly file: string | undefined;

  constructor(message: string, line?: number, column?: number, file?: string) {
    this.message = message;
    this.file = file;
    this.line = line;
    this.column = column;
  }
}

/** Characters of what a model threw that are told. */
const MOST_TOLD = 2000;

/** What an error of QuickJS says. `folder`: the plugin's, with a slash; its modules' names have it. */
export function faultOf(
  { name, message, stack }: Readonly<Record<'name' | 'message' | 'stack', string>>,
  folder: string,
): VmFault {
  const escaped = folder.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const place = new RegExp(`(${escaped}[\\w./-]+):(\\d+)(?::(\\d+))?`).exec(stack);
  const said = message === '' ? 'failed' : message;
  return new VmFault(
    (name === '' || name === 'SyntaxError' ? said : `${name}: ${said}`).slice(0, MOST_TOLD),
    place ? Number(place[2]) : undefined,
    place?.[3] === undefined ? undefined : Number(place[3]),
    place?.[1],
  );
}
