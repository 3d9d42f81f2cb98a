import type { ReadLab } from '../../../shared/lab/schema.ts';
import type { LabProblem } from '../../engine/lab/machine/lab-problem.ts';

/**
 * A lab without some of its devices, and without the entries of its program that address them. Each
 * is told with a warning; places stay those of the file.
 *
 * @param leftOut positions of the devices
 */
export function withoutDevices(
  lab: ReadLab,
  leftOut: readonly number[],
): { readonly lab: ReadLab; readonly problems: readonly LabProblem[] } {
  if (leftOut.length === 0) return { lab, problems: [] };
  const gone = new Set(leftOut.flatMap((index) => lab.devices[index]?.id ?? []));
  const problems: LabProblem[] = leftOut.map((index) => ({
    path: ['devices', index],
    message: `${lab.devices[index]?.id ?? 'a device'} is left out: no plugin that may be used has its model`,
    severity: 'warning',
  }));
  const program = lab.program.filter(({ target, op, source }) => {
    const [id] = target?.split('.') ?? [];
    if (id === undefined || !gone.has(id)) return true;
    problems.push({
      path: source.path,
      message: `${target}.${op} is left out`,
      severity: 'warning',
    });
    return false;
  });
  const devices = lab.devices.map((device, index) =>
    leftOut.includes(index) ? { unread: true } : device,
  );
  return { lab: { ...lab, devices, program }, problems };
}
