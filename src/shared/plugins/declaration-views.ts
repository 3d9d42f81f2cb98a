/** What the plugin API declares, for help: one view of each service and callback. */
import { z } from 'zod';
import type { DeclarationView } from '../lab/declarations.ts';
import { fieldViews, returnedViews, type FieldView } from '../lab/fields.ts';
import { CALLBACKS, type CallbackDeclaration } from './callbacks.ts';
import type { ServiceDeclaration } from './declaration.ts';
import { SUBJECTS } from './services/services.ts';

/** What comes back, as nobody has to write it; nothing where nobody looks at it. */
function returned(returns: z.ZodType): FieldView[] {
  if (returns instanceof z.ZodVoid) return [];
  return returnedViews(returns instanceof z.ZodObject ? returns.shape : { result: returns });
}

/** A description, and since when it is so no more. */
function until(description: string, gone: string | undefined): string {
  return gone === undefined ? description : `${description} Gone in ${gone}.`;
}

function serviceView(name: string, service: ServiceDeclaration): DeclarationView {
  const { title, description, since = '', args, returns, fails } = service;
  return {
    ...{ name, kind: 'service', title, since, by: 'a hardware model' },
    description: until(description, service.until),
    fields: [
      { heading: 'Arguments', fields: fieldViews(args.shape) },
      { heading: 'Returns', fields: returned(returns) },
    ],
    fails: Object.entries(fails).map(([errno, why]) => ({ errno, why })),
    example: '',
  };
}

function callbackView(name: string, callback: CallbackDeclaration): DeclarationView {
  const { title, description, was, since = '', args, returns } = callback;
  const older = was === undefined ? '' : ` Older kernels call it ${was}.`;
  return {
    ...{ name, kind: 'callback', title, since, by: 'the kernel' },
    description: `${until(description, callback.until)}${older}`,
    fields: [
      { heading: 'Arguments', fields: fieldViews(args.shape) },
      { heading: 'Returns', fields: returned(returns) },
    ],
    fails: [],
    example: '',
  };
}

/** Every service a hardware model may call and every callback it may have, in their order. */
export function pluginViews(): DeclarationView[] {
  const subjects: readonly { readonly services: Record<string, ServiceDeclaration> }[] = SUBJECTS;
  return [
    ...subjects.flatMap(({ services }) =>
      Object.entries(services).map(([name, one]) => serviceView(name, one)),
    ),
    ...Object.entries(CALLBACKS).map(([name, one]) => callbackView(name, one)),
  ];
}
