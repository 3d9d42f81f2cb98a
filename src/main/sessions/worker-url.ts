/**
 * The file a worker thread starts from: `name`.ts beside its caller when run from source, `name`.js
 * in the bundle, where all files of the main process share a folder.
 */
export function workerUrl(from: string, name: string): URL {
  const extension = new URL(from).pathname.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./${name}.${extension}`, from);
}
