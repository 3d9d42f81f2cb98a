import { constants, deflateSync, inflateSync } from 'node:zlib';
import { DecodeError } from './byte-reader.ts';

/** Longest a blob may unfold to, in bytes; a recorder never comes near. */
export const MAX_UNPACKED = 64 * 1024 * 1024;

/** Compresses a blob. The zlib container carries a checksum, so that damage is noticed. */
export function pack(bytes: Uint8Array): Buffer {
  if (bytes.length > MAX_UNPACKED) {
    throw new Error(
      `a chunk of ${bytes.length} bytes is over the ${MAX_UNPACKED} a recording takes`,
    );
  }
  return deflateSync(bytes, { level: constants.Z_BEST_SPEED });
}

/** Undoes `pack`. Throws DecodeError for damage and for what unfolds to too much. */
export function unpack(blob: Uint8Array): Uint8Array {
  try {
    return inflateSync(blob, { maxOutputLength: MAX_UNPACKED });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new DecodeError(`it unfolds to more than ${MAX_UNPACKED / 1024 / 1024} MiB`);
    }
    throw new DecodeError('its bytes are damaged');
  }
}
