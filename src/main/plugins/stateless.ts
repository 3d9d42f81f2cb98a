import { parse, type AnyNode, type Class, type Expression, type Program } from 'acorn';
import type { Binding } from './source-scan.ts';

/** What a module is judged by. */
interface Source {
  readonly source: string;
  /** What is frozen once the module has loaded. */
  readonly bindings: readonly Binding[];
}

/** Something in a module that may keep state where no register shows it, at its place (1-based). */
export interface Doubt {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** What a constant is known to hold: enough to know whether using it runs code of the module. */
type Kind = 'primitive' | 'array' | 'other';

class Doubtful extends Error {
  readonly at: number;
  constructor(node: { readonly start: number }, message: string) {
    super(message);
    this.at = node.start;
  }
}

/** Functions that run nothing of the module when they are given primitive values. */
const PURE = ['BigInt', 'Number', 'String', 'Boolean', 'Symbol'];
const LISTS = ['keys', 'values', 'entries'];

/**
 * Finds out whether nothing that outlives a call of a module's functions can change once what it
 * binds is frozen: then its functions cannot leave anything to each other. That is so where loading
 * it runs no function of it, so that no closure holds a variable, and nothing of it is bound anew,
 * has private names, accessors or promises. Answers with the first thing that may be otherwise.
 */
export function doubtIn({ source, bindings }: Source): Doubt | undefined {
  try {
    const program = parse(source, { ecmaVersion: 'latest', sourceType: 'module' });
    new LoadCheck(bindings.map(({ name }) => name)).run(program);
    return undefined;
  } catch (error) {
    const at = error instanceof Doubtful ? error.at : 0;
    const before = source.slice(0, at).split('\n');
    const message = error instanceof Error ? error.message : String(error);
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, message };
  }
}

class LoadCheck {
  private readonly frozen: ReadonlySet<string>;
  private readonly kinds = new Map<string, Kind>();
  /** Names of functions and classes: they could be bound anew. */
  private readonly functions = new Set<string>();

  constructor(frozen: readonly string[]) {
    this.frozen = new Set(frozen);
  }

  run(program: Program): void {
    for (const node of program.body) this.statement(node);
    this.inside(program);
  }

  private statement(node: Program['body'][number]): void {
    switch (node.type) {
      case 'EmptyStatement':
        return;
      case 'ImportDeclaration':
        for (const { local } of node.specifiers) this.kinds.set(local.name, 'other');
        return;
      case 'ExportNamedDeclaration':
        if (node.declaration) this.statement(node.declaration);
        return;
      case 'FunctionDeclaration':
      case 'ClassDeclaration':
        this.bind(node.id, 'other');
        this.functions.add(node.id.name);
        if (node.type === 'ClassDeclaration') this.members(node);
        return;
      case 'VariableDeclaration':
        for (const { id, init } of node.declarations) {
          if (node.kind !== 'const' || id.type !== 'Identifier' || !init) {
            throw new Doubtful(node, 'it could be given another value');
          }
          this.bind(id, this.kindOf(init));
        }
        return;
      case 'ExpressionStatement':
        this.kindOf(node.expression);
        return;
      default:
        throw new Doubtful(node, 'it runs code while the module loads');
    }
  }

  private bind(id: { readonly name: string; readonly start: number }, kind: Kind): void {
    if (!this.frozen.has(id.name)) throw new Doubtful(id, `${id.name} is not frozen`);
    this.kinds.set(id.name, kind);
  }

  private primitive(node: Expression | AnyNode): Kind {
    if (this.kindOf(node) === 'primitive') return 'primitive';
    throw new Doubtful(node, 'using it could run a function of the module');
  }

  /** What an expression gives that is evaluated while the module loads. */
  private kindOf(node: AnyNode): Kind {
    switch (node.type) {
      case 'Literal':
        return 'primitive';
      case 'Identifier':
        return this.kinds.get(node.name) ?? (node.name === 'undefined' ? 'primitive' : 'other');
      case 'TemplateLiteral':
        for (const part of node.expressions) this.primitive(part);
        return 'primitive';
      case 'UnaryExpression':
        if (node.operator === 'delete') break;
        return this.primitive(node.argument);
      case 'BinaryExpression':
        if (node.operator === 'in' || node.operator === 'instanceof') break;
        this.primitive(node.left);
        return this.primitive(node.right);
      case 'LogicalExpression':
        return this.either(node.left, node.right);
      case 'ConditionalExpression':
        this.kindOf(node.test);
        return this.either(node.consequent, node.alternate);
      case 'ArrayExpression':
        for (const item of node.elements) this.item(item);
        return 'array';
      case 'ObjectExpression':
        for (const property of node.properties) {
          if (property.type === 'SpreadElement') this.kindOf(property.argument);
          else {
            if (property.computed) this.primitive(property.key);
            this.kindOf(property.value);
          }
        }
        return 'other';
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return 'other';
      case 'ClassExpression':
        this.members(node);
        return 'other';
      case 'MemberExpression':
        return this.member(node);
      case 'CallExpression':
        return this.called(node);
      default:
    }
    throw new Doubtful(node, 'it could run a function while the module loads');
  }

  private either(a: Expression, b: Expression): Kind {
    const [first, second] = [this.kindOf(a), this.kindOf(b)];
    return first === second ? first : 'other';
  }

  private item(item: AnyNode | null): void {
    if (item?.type !== 'SpreadElement') {
      if (item) this.kindOf(item);
    } else if (this.kindOf(item.argument) !== 'array') {
      throw new Doubtful(item, 'it could run a function while the module loads');
    }
  }

  private member(node: AnyNode & { readonly type: 'MemberExpression' }): Kind {
    const kind = this.kindOf(node.object);
    if (node.computed) this.primitive(node.property);
    const isLength = node.property.type === 'Identifier' && node.property.name === 'length';
    return isLength && !node.computed && kind !== 'other' ? 'primitive' : 'other';
  }

  /** A few calls run nothing of the module. */
  private called(node: AnyNode & { readonly type: 'CallExpression' }): Kind {
    const { callee, arguments: args } = node;
    const own = (name: string) => this.kinds.has(name);
    if (callee.type === 'Identifier' && PURE.includes(callee.name) && !own(callee.name)) {
      for (const arg of args) this.primitive(arg);
      return 'primitive';
    }
    if (
      callee.type === 'MemberExpression' &&
      !callee.computed &&
      callee.object.type === 'Identifier' &&
      callee.property.type === 'Identifier' &&
      !own(callee.object.name)
    ) {
      const [object, name] = [callee.object.name, callee.property.name];
      if (object === 'Math') {
        for (const arg of args) this.primitive(arg);
        return 'primitive';
      }
      const [first] = args;
      if (object === 'Object' && first && args.length === 1) {
        const kind = this.kindOf(first);
        if (name === 'freeze') return kind;
        if (LISTS.includes(name)) return 'array';
      }
    }
    throw new Doubtful(node, 'it runs a function while the module loads');
  }

  /** What of a class is evaluated where it stands. */
  private members({ superClass, body }: Class): void {
    if (superClass) this.kindOf(superClass);
    for (const member of body.body) {
      if (member.type === 'StaticBlock') throw new Doubtful(member, 'it runs code');
      if (member.computed) this.primitive(member.key);
      if (member.type === 'PropertyDefinition' && member.static && member.value) {
        this.kindOf(member.value);
      }
    }
  }

  /** What keeps state wherever in the module it stands. */
  private inside(node: AnyNode): void {
    if (node.type === 'PrivateIdentifier') {
      throw new Doubtful(node, 'private names can be kept on what is frozen');
    }
    if ('kind' in node && (node.kind === 'get' || node.kind === 'set')) {
      throw new Doubtful(node, 'an accessor could run while the module loads');
    }
    if (('async' in node && node.async === true) || node.type === 'AwaitExpression') {
      throw new Doubtful(node, 'promises outlast a call');
    }
    if (node.type === 'MetaProperty' && node.meta.name === 'import') {
      throw new Doubtful(node, 'import.meta is not frozen');
    }
    if (node.type === 'AssignmentExpression') this.target(node.left);
    if (node.type === 'UpdateExpression') this.target(node.argument);
    if (node.type === 'ForInStatement' || node.type === 'ForOfStatement') this.target(node.left);
    for (const child of childrenOf(node)) this.inside(child);
  }

  /** What is assigned to may be no function or class of the module. */
  private target(node: AnyNode): void {
    if (node.type === 'MemberExpression') return;
    if (node.type === 'Identifier' && this.functions.has(node.name)) {
      throw new Doubtful(node, `${node.name} could be bound to another value`);
    }
    for (const child of childrenOf(node)) this.target(child);
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node).flat().filter(isNode);
}
