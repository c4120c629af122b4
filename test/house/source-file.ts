import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import ts from 'typescript'

/** What the house rules need to know of one file, read with the compiler's own parser. */
export type SourceFile = {
  path: string
  lines: number
  imports: readonly Import[]
  /** Lines that break a rule which needs no other file to judge. */
  casts: readonly number[]
  anys: readonly number[]
  defaultExports: readonly number[]
  environmentReads: readonly number[]
  hasOnlyTypes: boolean
  hasOnlyExports: boolean
}

/** `target` is a path of ours, or the name of a package. */
export type Import = { target: string; isOurs: boolean; isTypeOnly: boolean; line: number }

/** Every file of ours below some folders, as paths from the root with forward slashes. */
export const readFolders = (root: string, folders: readonly string[]): SourceFile[] =>
  folders
    .flatMap((folder) => filesBelow(root, folder))
    .filter((path) => /\.(ts|js|mjs)$/.test(path))
    .map((path) => readSource(path, readFileSync(join(root, path), 'utf8')))

const filesBelow = (root: string, folder: string): string[] => {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.includes('/node_modules/'))
    .sort()
}

/** Reads one file; `text` need not be on the disk. */
export const readSource = (path: string, text: string): SourceFile => {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const lineOf = (node: ts.Node) => tree.getLineAndCharacterOfPosition(node.getStart()).line + 1
  const nodes = descendants(tree)
  const linesWhere = (matches: (node: ts.Node) => boolean) => nodes.filter(matches).map(lineOf)

  return {
    path,
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    imports: nodes.flatMap((node) => {
      const found = importOf(node)
      return found ? [{ ...resolve(path, found.specifier), ...found, line: lineOf(node) }] : []
    }),
    casts: linesWhere(isCast),
    anys: linesWhere((node) => node.kind === ts.SyntaxKind.AnyKeyword),
    defaultExports: linesWhere(isDefaultExport),
    environmentReads: linesWhere(isEnvironmentRead),
    hasOnlyTypes: tree.statements.every(isTypeStatement),
    hasOnlyExports: tree.statements.every(ts.isExportDeclaration),
  }
}

const descendants = (node: ts.Node): ts.Node[] => {
  const found: ts.Node[] = []
  const visit = (child: ts.Node) => {
    found.push(child)
    ts.forEachChild(child, visit)
  }
  ts.forEachChild(node, visit)
  return found
}

const importOf = (node: ts.Node): { specifier: string; isTypeOnly: boolean } | undefined => {
  const [specifier, isTypeOnly] = specifierOf(node)
  return specifier && ts.isStringLiteral(specifier)
    ? { specifier: specifier.text, isTypeOnly }
    : undefined
}

const specifierOf = (node: ts.Node): [ts.Node | undefined, boolean] => {
  if (ts.isImportDeclaration(node)) return [node.moduleSpecifier, isTypeClause(node.importClause)]
  if (ts.isExportDeclaration(node)) return [node.moduleSpecifier, node.isTypeOnly]
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return [node.argument.literal, true]
  if (ts.isCallExpression(node) && isImportCall(node.expression)) return [node.arguments[0], false]
  return [undefined, false]
}

const isTypeClause = (clause: ts.ImportClause | undefined) =>
  clause?.phaseModifier === ts.SyntaxKind.TypeKeyword

const isImportCall = (callee: ts.Expression) =>
  callee.kind === ts.SyntaxKind.ImportKeyword ||
  (ts.isIdentifier(callee) && callee.text === 'require')

/** Source names the emitted `.js` file; the rules speak of the `.ts` file it comes from. */
const resolve = (from: string, specifier: string) => {
  if (!specifier.startsWith('.')) return { target: packageName(specifier), isOurs: false }
  const target = posix.join(posix.dirname(from), specifier)
  return { target: from.endsWith('.ts') ? target.replace(/\.js$/, '.ts') : target, isOurs: true }
}

const packageName = (specifier: string) =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')

const isCast = (node: ts.Node) =>
  (ts.isAsExpression(node) || ts.isTypeAssertionExpression(node)) &&
  !ts.isConstTypeReference(node.type)

const isDefaultExport = (node: ts.Node) => {
  if (ts.isExportAssignment(node)) return true
  if (ts.isExportSpecifier(node)) return node.name.text === 'default'
  return ts.canHaveModifiers(node)
    ? (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
    : false
}

/** `process.env`, `process['env']`, `const { env } = process` and `import { env } from 'node:process'`. */
const isEnvironmentRead = (node: ts.Node) => {
  if (ts.isPropertyAccessExpression(node))
    return isProcess(node.expression) && node.name.text === 'env'
  if (ts.isElementAccessExpression(node))
    return isProcess(node.expression) && /^.env.$/.test(node.argumentExpression.getText())
  if (ts.isVariableDeclaration(node))
    return isProcess(node.initializer) && /\benv\b/.test(node.name.getText())
  if (ts.isImportSpecifier(node))
    return (
      (node.propertyName ?? node.name).text === 'env' &&
      /^.(node:)?process.$/.test(node.parent.parent.parent.moduleSpecifier.getText())
    )
  return false
}

const isProcess = (node: ts.Node | undefined) =>
  node !== undefined && /^(globalThis\.)?process$/.test(node.getText())

const isTypeStatement = (node: ts.Statement) => {
  if (ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node)) return true
  if (ts.isImportDeclaration(node)) return isTypeClause(node.importClause)
  return ts.isExportDeclaration(node) && node.isTypeOnly
}
