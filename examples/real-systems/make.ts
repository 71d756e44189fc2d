/** Writes the files of this example from `test/data/parallel/`: `node --import tsx examples/real-systems/make.ts`. */
import { readFileSync, writeFileSync } from 'node:fs'

interface ParallelRow {
  id: string
  source: string
  candidates: { system: string; kind: 'human' | 'mt' | 'romanised-reference'; variety?: string; text: string }[]
}
type Candidate = ParallelRow['candidates'][number]

/** Translators of FLORES-200 sentences by kind and variety; the human dialect versions are left out. */
const floresSystems: Record<string, string> = {
  'human arb_Arab': 'human_msa',
  'romanised-reference arb_Latn': 'human_romanised',
  'mt arb_Arab': 'gpt35_msa',
  'mt arz_Arab': 'gpt35_egyptian',
  'mt apc_Arab': 'gpt35_levantine',
  'mt ary_Arab': 'gpt35_moroccan',
  'mt arb_Latn': 'gpt35_romanised',
}

/** The text of every generated file by its path in this folder: sentences, and what the systems made of them. */
export const makeFiles = (): Map<string, string> => {
  const winomt = read('winomt_4systems')
  const flores = read('flores_multi').filter(({ candidates }, index) => index % 3 === 0 || candidates.some(isEmpty))
  return new Map([
    ['sentences/winomt.jsonl', jsonLines(winomt.map(sentence))],
    ['sentences/flores.jsonl', jsonLines(flores.map(sentence))],
    ['recorded/winomt.jsonl', jsonLines(winomt.flatMap((row) => recordings(row, ({ system }) => system)))],
    [
      'recorded/flores.jsonl',
      jsonLines(flores.flatMap((row) => recordings(row, ({ kind, variety }) => floresSystems[`${kind} ${variety}`]))),
    ],
  ])
}

const sentence = ({ id, source }: ParallelRow) => ({ id, english: source })

const recordings = ({ source, candidates }: ParallelRow, nameOf: (candidate: Candidate) => string | undefined) =>
  candidates.flatMap((candidate) => {
    const system = nameOf(candidate)
    return system === undefined ? [] : [{ system, source, target: candidate.text }]
  })

const isEmpty = ({ text }: Candidate): boolean => text.trim() === ''

const read = (name: string): ParallelRow[] =>
  readFileSync(new URL(`../../test/data/parallel/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ParallelRow)

const jsonLines = (rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

if (process.argv[1]?.endsWith('make.ts'))
  for (const [path, text] of makeFiles()) writeFileSync(new URL(path, import.meta.url), text)
