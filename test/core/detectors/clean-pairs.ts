import { readFileSync } from 'node:fs'
import { kindOf, type TextKind } from '../../../core/detectors/text-kind.ts'

/** A sentence, paragraph or prompt and a good human translation of it. */
export interface CleanPair {
  set: string
  kind: TextKind
  source: string
  target: string
}

type Row = {
  en?: string
  ar?: string
  source?: string
  candidates?: { system: string; kind: string; variety?: string; text: string }[]
}

const folder = new URL('../../data/parallel/', import.meta.url)
const rowsOf = (name: string): Row[] =>
  readFileSync(new URL(`${name}.jsonl`, folder), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)

const pair = (set: string, source: string, target: string): CleanPair => ({
  set,
  kind: kindOf(source),
  source: source.trim(),
  target: target.trim(),
})

/** Human Modern Standard Arabic of sentence sets, and of prompts of programs. */
const sentences = (): CleanPair[] => [
  ...['tico19', 'xquad', 'polymath_latex'].flatMap((set) =>
    rowsOf(set).map(({ en = '', ar = '' }) => pair(set, en, ar)),
  ),
  ...['flores_multi', 'mtgeneval_pairs', 'mhumaneval_expert_vs_mt'].flatMap((set) =>
    rowsOf(set).flatMap(({ source = '', candidates = [] }) =>
      candidates
        .filter(({ kind, variety }) => kind === 'human' && (variety === undefined || variety === 'arb_Arab'))
        .slice(0, 1)
        .map(({ text }) => pair(set, source, text)),
    ),
  ),
]

/** Stretches of documents without their fenced code, where both languages have as many. */
const documents = (): CleanPair[] =>
  rowsOf('react_docs').flatMap(({ en = '', ar = '' }) => {
    const [ours, theirs] = [stretches(en), stretches(ar)]
    if (ours.length !== theirs.length) return []
    return ours.flatMap((source, i) => {
      const [left, right] = [source.split(/\n\n+/), theirs[i]!.split(/\n\n+/)]
      // Eight paragraphs are about a chunk.
      if (left.length !== right.length) return source.length < 4000 ? [pair('react_docs', source, theirs[i]!)] : []
      return Array.from({ length: Math.ceil(left.length / 8) }, (_, k) =>
        pair('react_docs', left.slice(8 * k, 8 * k + 8).join('\n\n'), right.slice(8 * k, 8 * k + 8).join('\n\n')),
      )
    })
  })

const stretches = (text: string): string[] => text.split(/^[ \t]*```[^\n]*\n[\s\S]*?^[ \t]*```[^\n]*$/m)

/** All good pairs of the data, in a fixed order. */
export const cleanPairs = (): CleanPair[] =>
  [...sentences(), ...documents()].filter(({ source, target }) => source !== '' && target !== '')
