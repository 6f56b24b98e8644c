/**
 * Measures every source file against the size budgets, reports how the tree stands, and fails on what is over.
 * Data, generated files and declarations are outside; tests have a budget of their own.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseSync, Visitor } from 'oxc-parser';

/** What a framework injects (constructors, decorated parameters) may be one more than what a caller has to remember. */
const budgets = { fileLines: 400, testFileLines: 600, functionLines: 60, parameters: 3, injectedParameters: 4 };
const aims = { fileLines: 120, functionLines: 20 };

interface Measured {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
  readonly parameters: number;
  readonly isInjected: boolean;
}

interface FunctionNode {
  readonly start: number;
  readonly end: number;
  readonly params: readonly { readonly type: string; readonly name?: string; readonly decorators?: readonly unknown[] }[];
  readonly id?: { readonly name: string } | null;
}

/** Every function of a file with its length in lines, its signature included. */
function functionsOf(path: string, source: string): Measured[] {
  const starts = [0, ...Array.from(source.matchAll(/\n/g), (match) => match.index + 1)];
  const lineOf = (offset: number) => starts.findLastIndex((start) => start <= offset) + 1;
  const found: Measured[] = [];
  let constructorAt = -1;
  /** Functions whose signature is their author's choice; that of an inline callback is its library's. */
  const named = new Set<number>();
  const add = (node: FunctionNode) => {
    const line = lineOf(node.start);
    found.push({
      name: node.id?.name ?? 'function',
      line,
      lines: lineOf(node.end) - line + 1,
      parameters: node.id || named.has(node.start) ? node.params.length : 0,
      isInjected: node.start === constructorAt || node.params.some(({ decorators = [] }) => decorators.length > 0),
    });
  };
  const visitor = new Visitor({
    MethodDefinition(node) {
      named.add(node.value.start);
      if (node.kind === 'constructor') constructorAt = node.value.start;
    },
    VariableDeclarator(node) {
      if (node.init) named.add(node.init.start);
    },
    FunctionDeclaration: add,
    FunctionExpression: add,
    ArrowFunctionExpression: add,
  });
  visitor.visit(parseSync(path, source).program);
  return found;
}

function overBudget(path: string, lines: number, functions: readonly Measured[]): string[] {
  const isTest = path.endsWith('.test.ts') || path.includes('/testing/');
  const fileBudget = isTest ? budgets.testFileLines : budgets.fileLines;
  const file = lines > fileBudget ? [`${path}: ${lines} lines, budget ${fileBudget}`] : [];
  if (isTest) return file;
  return [
    ...file,
    ...functions.flatMap(({ name, line, lines: length, parameters, isInjected }) => {
      const parameterBudget = isInjected ? budgets.injectedParameters : budgets.parameters;
      return [
        ...(length > budgets.functionLines ? [`${path}:${line}: ${name} has ${length} lines, budget ${budgets.functionLines}`] : []),
        ...(parameters > parameterBudget ? [`${path}:${line}: ${name} has ${parameters} parameters, budget ${parameterBudget}`] : []),
      ];
    }),
  ];
}

const share = (values: readonly number[], aim: number) =>
  `${Math.round((100 * values.filter((value) => value <= aim).length) / Math.max(1, values.length))} % within the aim of ${aim}`;

const paths = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], { encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && !path.endsWith('.d.ts'));
const problems: string[] = [];
const fileLines: number[] = [];
const functionLines: number[] = [];
for (const path of paths) {
  const source = readFileSync(path, 'utf8');
  const lines = source.split('\n').length - 1;
  const functions = functionsOf(path, source);
  problems.push(...overBudget(path, lines, functions));
  if (path.endsWith('.test.ts')) continue;
  fileLines.push(lines);
  functionLines.push(...functions.map((measured) => measured.lines));
}
console.log(
  `sizes: ${fileLines.length} files, ${share(fileLines, aims.fileLines)} lines; ${functionLines.length} functions, ${share(functionLines, aims.functionLines)} lines`,
);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
