import { parseAst } from 'vitest/node'

/** A node of an ESTree syntax tree with TypeScript's additions. */
export interface SyntaxNode {
  type: string
  start: number
  end: number
  [field: string]: unknown
}

/** A function of a file. */
export interface FoundFunction {
  line: number
  /** From its first to its last line. */
  lines: number
}

/** A module that a file imports or exports from. */
export interface FoundImport {
  module: string
  /** Whether nothing of it is left when types are taken away. */
  isType: boolean
}

const known = new Map<string, SyntaxNode[]>()

/** Every node of a TypeScript file, parents before children. */
export const syntaxNodes = (text: string): SyntaxNode[] => {
  const before = known.get(text)
  if (before) return before
  const found: SyntaxNode[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item)
    else if (isNode(value)) {
      found.push(value)
      for (const field of Object.values(value)) visit(field)
    }
  }
  visit(parseAst(text, { lang: 'ts' }))
  known.set(text, found)
  return found
}

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string'

/** The one-based line of an offset. */
export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length

const functionTypes = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

/** All functions of a file, nested ones too. */
export const functionsOf = (text: string): FoundFunction[] =>
  syntaxNodes(text)
    .filter(({ type }) => functionTypes.has(type))
    .map(({ start, end }) => ({
      line: lineAt(text, start),
      lines: lineAt(text, end) - lineAt(text, start) + 1,
    }))

/** All imports of a file, dynamic ones of a literal name too. */
export const importsOf = (text: string): FoundImport[] =>
  syntaxNodes(text).flatMap(({ type, source, importKind, specifiers }) => {
    if (!/^(Import|Export)/.test(type) || !isNode(source) || typeof source.value !== 'string') return []
    const names = Array.isArray(specifiers) ? (specifiers as SyntaxNode[]) : []
    const areTypes = names.length > 0 && names.every((name) => name.importKind === 'type')
    return [{ module: source.value, isType: importKind === 'type' || areTypes }]
  })

/** The first lines of exported declarations without a sentence in a comment in front of them. */
export const silentExports = (text: string): string[] =>
  syntaxNodes(text)
    .filter(({ type, declaration }) => type === 'ExportNamedDeclaration' && isNode(declaration))
    .filter(({ start }) => !/\/\*\*(?:(?!\*\/)[\s\S])*[.:…]\s*\*\/\s*$/.test(text.slice(0, start)))
    .map(({ start }) => (text.slice(start).split('\n')[0] ?? '').slice(0, 80))

/** Calls of a function by name, as `it`, with the text of the call and its first argument where that is a literal. */
export const callsOf = (text: string, name: string): { title: unknown; text: string }[] =>
  syntaxNodes(text).flatMap(({ type, callee, arguments: given, start, end }) => {
    if (type !== 'CallExpression' || !isNode(callee) || callee.name !== name) return []
    const [first] = given as SyntaxNode[]
    return [{ title: first?.value, text: text.slice(start, end) }]
  })

/** Functions and variables of a file by name, each with its text. */
export const namedParts = (text: string): { name: string; text: string }[] =>
  syntaxNodes(text).flatMap(({ type, id, start, end }) =>
    /^(FunctionDeclaration|VariableDeclarator)$/.test(type) && isNode(id) && typeof id.name === 'string'
      ? [{ name: id.name, text: text.slice(start, end) }]
      : [],
  )
