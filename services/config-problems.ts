import type { Document, LineCounter, Node, Pair, Scalar } from 'yaml'
import { isMap, isNode, isPair, isScalar } from 'yaml'

/** Something wrong in pipeline.yaml; line and col are one-based. */
export interface Problem {
  line: number
  col: number
  /** Characters to underline. */
  length: number
  text: string
  /** A variable that a setting names and the environment lacks. */
  variable?: string
}

/** Steps to a value: names of keys and positions in lists. */
export type Path = readonly (string | number)[]

/** A path as a person reads it, as `sources[0].path`. */
export const pathName = (path: Path): string =>
  path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i > 0 ? `.${step}` : step)).join('')

/** Makes a problem of a path and a text: where the value stands, or with `atKey` its key. */
export type ProblemAt = (path: Path, text: string, atKey?: boolean) => Problem

const mostUnderlined = 60
const mostShown = 100

/** A problem as a person reads it: place, text, and the line with the place underlined. */
export const problemText = ({ line, col, length, text }: Problem, yaml: string): string => {
  const whole = withoutSecrets((yaml.split('\n')[line - 1] ?? '').replace(/\r$/, '').replaceAll('\t', ' '))
  const from = col > mostShown - 20 ? col - 41 : 0
  const shown = `${from > 0 ? '…' : ''}${whole.slice(from, from + mostShown)}${whole.length > from + mostShown ? '…' : ''}`
  const at = col - 1 - from + (from > 0 ? 1 : 0)
  const marks = '^'.repeat(Math.max(1, Math.min(length, shown.length - at, mostUnderlined)))
  const number = String(line).padStart(6)
  return `${line}:${col}: ${text}\n${number} |  ${shown}\n       |  ${' '.repeat(Math.max(0, at))}${marks}`
}

/** A line of pipeline.yaml with * for keys that somebody wrote into it, and for passwords in URLs. */
const withoutSecrets = (line: string): string =>
  line
    .replace(/(\bkey["']?\s*:\s*["']?)([^\s"',}$][^\s"',}]*)/g, (_, before: string, key: string) => before + stars(key))
    .replace(/(\/\/[^\s/:@]*:)([^\s/@]+)(?=@)/g, (_, before: string, password: string) => before + stars(password))

const stars = (text: string): string => '*'.repeat(text.length)

/** Finds places in a document: of a value, or of the nearest thing around it that stands in the text. */
export const problemsIn =
  (document: Document, lines: LineCounter): ProblemAt =>
  (path, text, atKey = false) => {
    for (let depth = path.length; depth >= 0; depth--) {
      const range = nodeAt(document, path.slice(0, depth), atKey || depth < path.length)?.range
      if (range) return { ...lines.linePos(range[0]), length: Math.max(1, range[1] - range[0]), text }
    }
    return { line: 1, col: 1, length: 1, text }
  }

const nodeAt = (document: Document, path: Path, key: boolean): Node | undefined => {
  if (path.length === 0) return document.contents ?? undefined
  if (key) {
    const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
    const pair = isMap(parent)
      ? parent.items.find(
          (item): item is Pair<Scalar, unknown> =>
            isPair(item) && isScalar(item.key) && String(item.key.value) === String(path.at(-1)),
        )
      : undefined
    if (pair) return pair.key
  }
  const node = document.getIn(path, true)
  return isNode(node) ? node : undefined
}
