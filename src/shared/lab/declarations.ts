/** What the language of a lab declares, for help, forms and references: one view of each. */
import type { ExpectationDeclaration } from './expectations/declaration.ts';
import { EXPECTATIONS } from './expectations/expectations.ts';
import { fieldViews, returnedViews, type FieldView } from './fields.ts';
import { INVARIANTS } from './invariants.ts';
import type { OperationDeclaration } from './operations/declaration.ts';
import { OPERATIONS } from './operations/operations.ts';

/** A word of a lab with everything that is said about it. */
export interface DeclarationView {
  readonly name: string;
  readonly kind:
    | 'operation'
    | 'expectation'
    | 'invariant'
    | 'model'
    | 'action'
    | 'switch'
    | 'service'
    | 'callback';
  readonly title: string;
  /** '' where the title says it all. */
  readonly description: string;
  /** Who does it; '' for what nobody does. */
  readonly by: string;
  /** First kernel that has it; '' where every modelled one has. */
  readonly since: string;
  /** Lists of fields under their headings. */
  readonly fields: readonly { readonly heading: string; readonly fields: readonly FieldView[] }[];
  readonly fails: readonly { readonly errno: string; readonly why: string }[];
  /** An entry of a list of the lab; '' for none. */
  readonly example: string;
}

function operationView(name: string, operation: OperationDeclaration): DeclarationView {
  const { title, description, by, since = '', args, returns, fails, example } = operation;
  return {
    ...{ name, kind: 'operation', title, description, by, since, example },
    fields: [
      { heading: 'Arguments', fields: fieldViews(args.shape) },
      { heading: 'Returns', fields: returnedViews(returns) },
    ],
    fails: Object.entries(fails).map(([errno, why]) => ({ errno, why })),
  };
}

function expectationView(name: string, expectation: ExpectationDeclaration): DeclarationView {
  const { title, description, where, compared, example } = expectation;
  return {
    ...{ name, kind: 'expectation', title, description, by: '', since: '', example },
    fields: [
      { heading: 'Where to look', fields: fieldViews(where) },
      { heading: 'What to compare', fields: fieldViews(compared) },
    ],
    fails: [],
  };
}

/** Every operation and every kind of expectation, in the order of their declarations. */
export function declarationViews(): DeclarationView[] {
  return [
    ...Object.entries(OPERATIONS).map(([name, one]) => operationView(name, one)),
    ...Object.entries(EXPECTATIONS).map(([name, one]) => expectationView(name, one)),
  ];
}

/** Every invariant, in the order of their declarations. */
export function invariantViews(): DeclarationView[] {
  return Object.entries(INVARIANTS).map(([name, title]) => ({
    ...{ name, kind: 'invariant', title, by: '', since: '', fields: [], fails: [], example: '' },
    description: 'Checked after every step of every run.',
  }));
}
