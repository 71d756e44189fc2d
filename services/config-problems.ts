import type { Document, LineCounter, Node, Pair, Scalar, YAMLMap } from 'yaml'
import { isMap, isNode, isPair, isScalar } from 'yaml'
import type { ZodError } from 'zod'

/** Something wrong in pipeline.yaml; line and col are one-based. */
export interface Problem {
  line: number
  col: number
  /** Characters to underline. */
  length: number
  text: string
}

type Path = readonly (string | number)[]

/** A problem as a person reads it: place, text, and the line with the place underlined. */
export const problemText = ({ line, col, length, text }: Problem, yaml: string): string => {
  const source = yaml.split('\n')[line - 1] ?? ''
  const number = String(line).padStart(4)
  return `${line}:${col}: ${text}\n${number} |  ${source}\n     |  ${' '.repeat(Math.max(0, col - 1))}${'^'.repeat(Math.max(1, length))}`
}

/** The problem of a value, or of the nearest thing around it that stands in the text. */
export const problemAt = (path: Path, text: string, document: Document, lines: LineCounter, atKey = false): Problem => {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = nodeAt(document, path.slice(0, depth), atKey || depth < path.length)
    const range = node?.range
    if (range) return { ...lines.linePos(range[0]), length: Math.max(1, Math.min(range[1] - range[0], 40)), text }
  }
  return { line: 1, col: 1, length: 1, text }
}

const nodeAt = (document: Document, path: Path, key: boolean): Node | undefined => {
  if (key && path.length > 0) {
    const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
    if (isMap(parent)) {
      const pair = (parent as YAMLMap).items.find(
        (item): item is Pair<Scalar, unknown> => isPair(item) && isScalar(item.key) && item.key.value === path.at(-1),
      )
      if (pair) return pair.key
    }
  }
  const node = path.length === 0 ? document.contents : document.getIn(path, true)
  return isNode(node) ? node : undefined
}

interface Issue {
  code: string
  path: PropertyKey[]
  message: string
  keys?: string[]
  expected?: string
  input?: unknown
  errors?: Issue[][]
  options?: unknown
  values?: unknown[]
}

/** Every problem that the schema found. */
export const schemaProblems = (error: ZodError, document: Document, lines: LineCounter): Problem[] =>
  (error.issues as unknown as Issue[]).flatMap((issue) => {
    const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))
    const name = path.join('.') || 'pipeline.yaml'
    if (issue.code === 'unrecognized_keys') {
      return (issue.keys ?? []).map((key) =>
        problemAt([...path, key], `unknown key ${[...path, key].join('.')}${suggestion(key)}`, document, lines, true),
      )
    }
    const missing = isMissing(document, path)
    return [
      problemAt(path, missing ? `${name} is missing: ${plain(issue)}` : `${name}: ${plain(issue)}`, document, lines),
    ]
  })

const isMissing = (document: Document, path: Path): boolean => path.length > 0 && document.getIn(path) === undefined

const plain = (issue: Issue): string => {
  if (issue.code === 'invalid_type') return `expected ${expected[issue.expected ?? ''] ?? issue.expected}`
  if (issue.code === 'invalid_value' && issue.values) return `expected one of ${issue.values.join(', ')}`
  return issue.message.charAt(0).toLowerCase() + issue.message.slice(1)
}

const expected: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys and values',
  record: 'names and their settings',
}

/** Keys that a user may have meant; all that the schema knows. */
const knownKeys =
  'pipeline partitions target state out log warehouse limits sources chunkings translators rankings name kind path split columns language messages role content id roles user assistant think system tools by window limit tokenizer safety count backend file chunking splits slots only except url api model key prompt sampling temperature max_tokens samples timeout_s attempts candidates weights keep complete lr scr metrics conversation_bytes variety script database'.split(
    ' ',
  )

const suggestion = (key: string): string => {
  const near = knownKeys
    .map((known) => ({ known, distance: editDistance(key, known) }))
    .sort((a, b) => a.distance - b.distance)[0]
  return near && near.distance <= Math.max(1, Math.floor(key.length / 3)) ? `; did you mean ${near.known}?` : ''
}

/** Insertions, deletions and replacements between two short texts (Levenshtein). */
export const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length]!
}
