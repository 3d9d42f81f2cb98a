/** What a file given to the window is, by its name. */
export type FileKind = 'lab' | 'recording' | 'plugin' | 'machine';

export function fileKind(name: string): FileKind {
  if (/\.ya?ml$/i.test(name)) return 'lab';
  if (/\.pfnlab$/i.test(name)) return 'recording';
  if (/\.(tgz|tar\.gz)$/i.test(name)) return 'plugin';
  return 'machine';
}

/** Asks the user for files; an empty list when the dialog is dismissed. */
export function pickFiles(accept: string, multiple: boolean): Promise<File[]> {
  return pick({ accept, multiple });
}

/** Asks for a folder: all files below it, whose `webkitRelativePath` begins with its name. */
export function pickFolder(): Promise<File[]> {
  return pick({ webkitdirectory: true });
}

function pick(
  options: Partial<Pick<HTMLInputElement, 'accept' | 'multiple' | 'webkitdirectory'>>,
): Promise<File[]> {
  return new Promise((resolve) => {
    const input = Object.assign(document.createElement('input'), { type: 'file', ...options });
    input.addEventListener('change', () => resolve([...(input.files ?? [])]));
    input.addEventListener('cancel', () => resolve([]));
    input.click();
  });
}

/** Gives the user a file to keep, through the browser's download. */
export function saveFile(name: string, content: BlobPart, type: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Bytes as base64, in slices: a spread of a whole file overflows the stack. */
export function toBase64(bytes: Uint8Array): string {
  const SLICE = 0x8000;
  let text = '';
  for (let from = 0; from < bytes.length; from += SLICE)
    text += String.fromCharCode(...bytes.subarray(from, from + SLICE));
  return btoa(text);
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
