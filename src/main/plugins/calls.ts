import { parse, type AnyNode, type CallExpression } from 'acorn';

/** A call `object.name(...)` of a module, at its place (1-based). */
export interface MethodCall {
  readonly object: string;
  readonly name: string;
  readonly line: number;
  readonly column: number;
}

type Found = CallExpression & { readonly parent: AnyNode };

/** Every call of a module's text; none where it does not parse. */
function callsOf(source: string): Found[] {
  const calls: Found[] = [];
  const visit = (node: AnyNode, parent: AnyNode): void => {
    if (node.type === 'CallExpression') calls.push({ ...node, parent });
    for (const child of Object.values(node).flat()) {
      if (typeof child === 'object' && child !== null && 'type' in child && 'start' in child) {
        visit(child as AnyNode, node);
      }
    }
  };
  try {
    const program = parse(source, { ecmaVersion: 'latest', sourceType: 'module', locations: true });
    visit(program, program);
  } catch {
    return [];
  }
  return calls;
}

function methodOf({ callee, loc }: CallExpression): MethodCall | undefined {
  if (callee.type !== 'MemberExpression' || callee.computed || !loc) return undefined;
  const { object, property } = callee;
  if (object.type !== 'Identifier' || property.type !== 'Identifier') return undefined;
  const { line, column } = loc.start;
  return { object: object.name, name: property.name, line, column: column + 1 };
}

/** The innermost call that stands around a place of a module's text. */
export function callAt(source: string, line: number, column: number): MethodCall | undefined {
  const isAround = ({ callee, loc }: Found) =>
    loc !== undefined &&
    loc !== null &&
    callee.loc !== undefined &&
    callee.loc !== null &&
    before(loc.start, { line, column: column - 1 }) &&
    before({ line, column: column - 1 }, callee.loc.end);
  const around = callsOf(source).filter(isAround);
  const innermost = around.reduce<Found | undefined>(
    (least, call) => (least && least.end - least.start <= call.end - call.start ? least : call),
    undefined,
  );
  return innermost && methodOf(innermost);
}

interface Position {
  readonly line: number;
  readonly column: number;
}

const before = (a: Position, b: Position): boolean =>
  a.line < b.line || (a.line === b.line && a.column <= b.column);

/** How a call hands on what it gives: a helper that makes a request returns it. */
const RETURNS = ['ReturnStatement', 'ArrowFunctionExpression'];

/**
 * Where a method of this name is called and what comes of it is not yielded at once; those that
 * return it only where there are no others.
 */
export function callsNotYielded(source: string, name: string): MethodCall[] {
  const calls = callsOf(source).filter(
    (call) => call.parent.type !== 'YieldExpression' && methodOf(call)?.name === name,
  );
  const kept = calls.filter((call) => !RETURNS.includes(call.parent.type));
  return (kept.length > 0 ? kept : calls).flatMap((call) => methodOf(call) ?? []);
}
