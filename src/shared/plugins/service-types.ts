/** The services of the plugin API as TypeScript declarations, for those who write plugins. */
import { ERRNO } from './errno.ts';
import { LOG_LEVELS } from './log-levels.ts';
import { SUBJECTS, type Subject } from './services/services.ts';
import type { ServiceDeclaration } from './declaration.ts';
import { kernelsOf, longComment, metaOf, NOTE, quoted, TypeWriter } from './type-writer.ts';

/** Title, meaning, kernels and errnos of a service. */
function explained(service: ServiceDeclaration): string {
  const { title, description, since, until, returns, fails } = service;
  const gives = metaOf(returns)?.id === undefined ? metaOf(returns)?.description : undefined;
  const kernels = kernelsOf(since, until);
  const lines = [
    `${title}. ${description}`,
    ...(kernels === '' ? [] : [kernels]),
    ...(gives === undefined ? [] : [`@returns ${gives}`]),
    ...Object.entries(fails).map(([errno, when]) => `- \`${errno}\`: ${when}`),
  ];
  return longComment(lines);
}

function subjectText({ name, title, services }: Subject, owners: Map<string, string>): string {
  const writer = new TypeWriter();
  const methods = Object.entries(services).map(([service, declared]) => {
    const { args, returns, fails } = declared;
    const errno = Object.keys(fails).length > 0 ? ' | Errno' : '';
    const request = `Request<${writer.type(returns)}${errno}>`;
    return `${explained(declared)}${service}(args: ${writer.type(args)}): ${request};`;
  });
  const records: string[] = [];
  const elsewhere = new Map<string, string[]>();
  // Writing a type may name more of them, which a Map's iteration comes to.
  for (const [id, schema] of writer.named) {
    const owner = owners.get(id) ?? name;
    if (owner !== name) {
      elsewhere.set(owner, [...(elsewhere.get(owner) ?? []), id]);
      continue;
    }
    owners.set(id, name);
    records.push(writer.exported(id, schema));
  }
  const errno = methods.some((method) => method.includes('| Errno')) ? 'Errno, ' : '';
  const imports = [
    `import type { ${errno}Request } from '../api.d.ts';`,
    ...[...elsewhere].map(
      ([owner, ids]) => `import type { ${ids.join(', ')} } from './${fileOf(owner)}';`,
    ),
  ];
  const service = `/** Kernel functions for ${title}; each runs as steps of the calling task. */
export interface ${name}Services {
${methods.join('\n')}
}`;
  return `${NOTE}${imports.join('\n')}\n\n${[...records, service].join('\n\n')}\n`;
}

/** user-memory.d.ts for UserMemory. */
function fileOf(subject: string): string {
  return `${subject.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase()}.d.ts`;
}

function indexText(): string {
  const names = SUBJECTS.map(({ name }) => `${name}Services`);
  const lines = SUBJECTS.map(({ name }) => {
    const file = `./${fileOf(name)}`;
    return `import type { ${name}Services } from '${file}';\nexport type * from '${file}';`;
  });
  return `${NOTE}${lines.join('\n')}

/** Kernel functions a model may call; each runs as steps of the calling task. */
export interface Services extends ${names.join(', ')} {}

/** Names of kernel errors. */
export type ErrnoName = ${Object.keys(ERRNO).map(quoted).join(' | ')};

/** Levels of the kernel log, the most urgent first. */
export type LogLevel = ${LOG_LEVELS.map(quoted).join(' | ')};
`;
}

/** The files of the public types below `plugins/services/`, by name, before they are formatted. */
export function serviceTypes(): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  return new Map([
    ...SUBJECTS.map((subject): [string, string] => [
      fileOf(subject.name),
      subjectText(subject, owners),
    ]),
    ['index.d.ts', indexText()],
  ]);
}
