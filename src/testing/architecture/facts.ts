/**
 * What the rules of the house are judged on: facts about each source file, read from TypeScript's own syntax trees.
 */
import { dirname, join, relative } from 'node:path';
import * as ast from 'typescript/unstable/ast';
import type { FileSystem } from 'typescript/unstable/fs';
import { API } from 'typescript/unstable/sync';

export interface SourceFacts {
  /** From the repository's root: `src/base/bytes.ts`. */
  readonly path: string;
  readonly lineCount: number;
  /** Whether the file begins with a docstring. */
  readonly hasHeadComment: boolean;
  readonly imports: readonly ImportFact[];
  readonly functions: readonly FunctionFact[];
  readonly uses: readonly UseFact[];
  readonly exportedNames: readonly NameFact[];
  readonly defaultExportLines: readonly number[];
  readonly constants: readonly ConstantFact[];
}

export interface ImportFact {
  /** A path from the root for a relative import, else the bare specifier: `node:net`, `zod`. */
  readonly target: string;
  readonly isTypeOnly: boolean;
  readonly line: number;
}

export interface FunctionFact {
  readonly name: string;
  readonly lineCount: number;
  readonly line: number;
}

/** `object.member` spelled out, a called name, or `new Date()` without arguments. */
export interface UseFact {
  readonly text: string;
  readonly line: number;
}

export interface NameFact {
  readonly name: string;
  readonly line: number;
}

/** An exported top-level constant with the text of its value and of its docstring. */
export interface ConstantFact {
  readonly name: string;
  readonly value: string;
  readonly comment: string;
}

/** Facts about every file that `tsconfig.json` in `root` names, sorted by path. */
export function readFacts(root: string, fs?: FileSystem): SourceFacts[] {
  const api = new API({ cwd: root, ...(fs && { fs }) });
  try {
    const project = api.updateSnapshot({ openProject: join(root, 'tsconfig.json') }).getProjects()[0];
    if (!project) throw new Error(`no project in ${root}`);
    return project.rootFiles
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
      .map((file) => factsOf(project.program.getSourceFile(file), root))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  } finally {
    api.close();
  }
}

const FUNCTION_KINDS: ReadonlySet<ast.SyntaxKind> = new Set([
  ast.SyntaxKind.FunctionDeclaration,
  ast.SyntaxKind.FunctionExpression,
  ast.SyntaxKind.ArrowFunction,
  ast.SyntaxKind.MethodDeclaration,
  ast.SyntaxKind.Constructor,
  ast.SyntaxKind.GetAccessor,
  ast.SyntaxKind.SetAccessor,
]);

interface Gathered {
  imports: ImportFact[];
  functions: FunctionFact[];
  uses: UseFact[];
  exportedNames: NameFact[];
  defaultExportLines: number[];
  constants: ConstantFact[];
}

function factsOf(file: ast.SourceFile | undefined, root: string): SourceFacts {
  if (!file) throw new Error('a file of the project has no syntax tree');
  const gathered: Gathered = {
    imports: [],
    functions: [],
    uses: [],
    exportedNames: [],
    defaultExportLines: [],
    constants: [],
  };
  const visit = (node: ast.Node): void => {
    gather(node, file, root, gathered);
    node.forEachChild((child) => {
      visit(child);
      return undefined;
    });
  };
  for (const statement of file.statements) visit(statement);
  return {
    path: relative(root, file.fileName),
    lineCount: file.text.split('\n').length - 1,
    hasHeadComment: file.text.startsWith('/**'),
    ...gathered,
  };
}

function gather(node: ast.Node, file: ast.SourceFile, root: string, gathered: Gathered): void {
  const line = lineOf(node.getStart(file), file);
  if (ast.isImportDeclaration(node) || ast.isExportDeclaration(node)) {
    const fact = importFact(node, file, root, line);
    if (fact) gathered.imports.push(fact);
  } else if (ast.isExportAssignment(node)) {
    gathered.defaultExportLines.push(line);
  } else if (FUNCTION_KINDS.has(node.kind)) {
    const lineCount = lineOf(node.end, file) - line + 1;
    gathered.functions.push({ name: functionName(node, file), lineCount, line });
  } else if (ast.isVariableStatement(node) && isExported(node, file)) {
    gathered.constants.push(...constantFacts(node, file, gathered.constants.at(-1)?.comment ?? ''));
  }
  const use = usedText(node, file, root, gathered, line);
  if (use) gathered.uses.push({ text: use, line });
  const named = declaredName(node, file);
  if (named) gathered.exportedNames.push({ name: named, line });
  if (isDefaultExported(node, file)) gathered.defaultExportLines.push(line);
}

function importFact(
  node: ast.ImportDeclaration | ast.ExportDeclaration,
  file: ast.SourceFile,
  root: string,
  line: number,
): ImportFact | undefined {
  const specifier = node.moduleSpecifier;
  if (!specifier || !ast.isStringLiteral(specifier)) return undefined;
  const isTypeOnly = /^(import|export)\s+type\b/.test(node.getText(file));
  return { target: targetOf(specifier.text, file, root), isTypeOnly, line };
}

function targetOf(specifier: string, file: ast.SourceFile, root: string): string {
  return specifier.startsWith('.') ? relative(root, join(dirname(file.fileName), specifier)) : specifier;
}

function usedText(
  node: ast.Node,
  file: ast.SourceFile,
  root: string,
  gathered: Gathered,
  line: number,
): string | undefined {
  if (ast.isPropertyAccessExpression(node) && ast.isIdentifier(node.expression)) return node.getText(file);
  if (ast.isNewExpression(node)) {
    return (node.arguments?.length ?? 0) === 0 ? `new ${node.expression.getText(file)}()` : undefined;
  }
  if (!ast.isCallExpression(node)) return undefined;
  const argument = node.arguments[0];
  if (node.expression.kind === ast.SyntaxKind.ImportKeyword && argument && ast.isStringLiteral(argument)) {
    gathered.imports.push({ target: targetOf(argument.text, file, root), isTypeOnly: false, line });
  }
  return ast.isIdentifier(node.expression) ? node.expression.text : undefined;
}

/** A constant right below another one, with no comment of its own and no blank line between, shares its comment. */
function constantFacts(node: ast.VariableStatement, file: ast.SourceFile, above: string): ConstantFact[] {
  const isRightBelow = /^\n(?!\s*\n)/.test(node.getFullText(file));
  const comment = docstringBefore(node.getFullText(file)) || (isRightBelow ? above : '');
  return node.declarationList.declarations.flatMap((declaration) =>
    declaration.initializer
      ? [{ name: declaration.name.getText(file), value: declaration.initializer.getText(file), comment }]
      : [],
  );
}

/** The last docstring (or line comments) in front of a statement, as one line of prose. */
function docstringBefore(fullText: string): string {
  const docstrings = [...fullText.matchAll(/\/\*\*([\s\S]*?)\*\//g)];
  const docstring = docstrings.at(-1)?.[1];
  if (docstring !== undefined)
    return docstring
      .replace(/\n\s*\*/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
  const lines = [...fullText.matchAll(/^\s*\/\/ ?(.*)$/gm)].map((match) => match[1]);
  return lines.join(' ').trim();
}

function isExported(node: ast.Node, file: ast.SourceFile): boolean {
  return /^export\b/.test(node.getText(file));
}

function isDefaultExported(node: ast.Node, file: ast.SourceFile): boolean {
  const canBe = ast.isFunctionDeclaration(node) || ast.isClassDeclaration(node);
  return canBe && /^export\s+default\b/.test(node.getText(file));
}

function declaredName(node: ast.Node, file: ast.SourceFile): string | undefined {
  const isDeclaration =
    ast.isFunctionDeclaration(node) ||
    ast.isClassDeclaration(node) ||
    ast.isInterfaceDeclaration(node) ||
    ast.isTypeAliasDeclaration(node);
  return isDeclaration && isExported(node, file) ? node.name?.getText(file) : undefined;
}

function functionName(node: ast.Node, file: ast.SourceFile): string {
  const own = 'name' in node ? (node.name as ast.Node | undefined) : undefined;
  if (own) return own.getText(file);
  const holder = node.parent;
  return ast.isVariableDeclaration(holder) ? holder.name.getText(file) : '(anonymous)';
}

function lineOf(position: number, file: ast.SourceFile): number {
  return file.getLineAndCharacterOfPosition(position).line + 1;
}
