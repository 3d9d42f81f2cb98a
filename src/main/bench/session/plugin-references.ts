import type { ReadLab } from '../../../shared/lab/schema.ts';
import type { ParsedLab, Problem } from '../../../shared/lab/parse.ts';
import type { PluginSet } from '../../plugins/host.ts';

/**
 * Compares the plugins a lab names with those that are here. One that is missing is an error; one
 * of another version or with other contents is a warning: the run may come out differently.
 */
export function pluginProblems(parsed: ParsedLab, lab: ReadLab, plugins: PluginSet): Problem[] {
  return lab.plugins.flatMap((wanted, index) => {
    if (!wanted) return [];
    const here = plugins.plugins.find(({ origin }) => origin.id === wanted.id)?.origin;
    const problem = (severity: Problem['severity'], key: string, message: string): Problem => ({
      ...parsed.locate(['plugins', index, key]),
      code: 'value',
      severity,
      message,
      path: ['plugins', index, key],
    });
    if (!here) return [problem('error', 'id', `plugin ${wanted.id} is not here`)];
    if (here.version !== wanted.version) {
      const message = `the lab was made with ${wanted.id} ${wanted.version}; this is ${here.version}`;
      return [problem('warning', 'version', message)];
    }
    if (wanted.sha256 !== undefined && wanted.sha256 !== here.sha256) {
      const message = `${wanted.id} ${wanted.version} here is not the one the lab was made with`;
      return [problem('warning', 'sha256', message)];
    }
    return [];
  });
}
