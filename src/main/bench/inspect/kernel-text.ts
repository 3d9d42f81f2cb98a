import type { InputOf } from '../../../shared/bench/commands.ts';
import type { Inspection } from './context.ts';

export function kernelText(_inspection: Inspection, file: InputOf<'text'>['file']): string {
  return file;
}
