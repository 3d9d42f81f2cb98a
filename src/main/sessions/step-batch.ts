import type { RecordedChoice } from './codec/step-codec.ts';

/** What goes from the engine's thread to the recorder at a time: encoded, not yet compressed. */
export interface StepBatch {
  /** `seq` of the chunk's first step. */
  readonly first: number;
  /** Steps in the chunk; 0 where only returns of earlier steps are to be told. */
  readonly count: number;
  readonly chunk: Uint8Array | undefined;
  /** Returns of steps that earlier chunks hold. */
  readonly late: readonly { readonly seq: number; readonly data: Uint8Array }[];
  /** Every record after the chunk's last step. */
  readonly snapshot: { readonly seq: number; readonly data: Uint8Array } | undefined;
}

/** How a recording ends. */
export interface RecordingEnd {
  /** State hash after the last step, 32 hex digits; undefined when the run was broken off. */
  readonly hash: string | undefined;
  /** Choices made after the last step of the last batch. */
  readonly choices: readonly RecordedChoice[];
}

/** Takes batches in order. It may block its thread until there is room. */
export interface BatchPort {
  send(batch: StepBatch): void;
  end(end: RecordingEnd): void;
}

/** Bytes of a batch, for the bound on what is under way. */
export function batchSize({ chunk, late, snapshot }: StepBatch): number {
  let size = (chunk?.byteLength ?? 0) + (snapshot?.data.byteLength ?? 0) + 64;
  for (const { data } of late) size += data.byteLength + 16;
  return size;
}
