import { expect, it } from 'vitest'
import { generationEntry, type LineSettings } from '../../dataflow/control.ts'
import type { PipelineConfig } from '../../services/config.ts'
import { differingLines, liveConfig } from '../../services/live-config.ts'
import { parsePipeline } from '../../services/load-config.ts'
import { recipeOf } from '../../services/translate/recipe.ts'

const written = (text: string) =>
  parsePipeline(
    `pipeline: p
sources: [{ name: s, path: s.jsonl }]
chunkings: { lines25: { by: lines } }
translators:
  a: { backend: openai, api: chat, url: http://127.0.0.1:1/v1, model: m, prompt: instruct, chunking: lines25 }
  b: { backend: pseudo, chunking: lines25 }
rankings: { release: { candidates: [a, b] } }
`.replace(...(text.split(' -> ') as [string, string])),
    'pipeline.yaml',
  )

/** The control records of a pipeline whose lines are all live. */
const controlOf = (config: PipelineConfig) => {
  const { weights, keep, candidates } = config.rankings.release!
  const lines: LineSettings[] = [
    { stage: 'chunk', line: 'lines25', settings: { chunking: config.chunkings.lines25 } },
    { stage: 'translate', line: 'a', settings: {}, recipe: recipeOf('a', config.translators.a!) },
    { stage: 'rank', line: 'release', settings: { weights, keep, inputs: candidates.map((one) => [one, 'hash']) } },
  ]
  const entries = lines.map((line) => generationEntry(line, { generation: 1, state: 'live', created_at: 1 }))
  return {
    ...{ uuid: 'u', partitions: 1, pauses: new Map() },
    generations: new Map(entries.map(({ key, body }) => [key, body])),
  }
}

it.each([
  ['candidates: [a, b] -> candidates: [b], weights: { lr: 1 }', ['rank release']],
  ['model: m -> model: other', ['translate a']],
  ['by: lines -> by: lines, count: 3', ['chunk lines25']],
  ['http://127.0.0.1:1/v1 -> http://127.0.0.1:2/v1', []],
])('has the settings that live lines were built with, whatever was edited: %s', (edit, lines) => {
  const before = written(' -> ')
  const edited = written(edit)
  const live = liveConfig(edited, controlOf(before))
  expect(differingLines(edited, live)).toEqual(lines)
  expect(differingLines(before, live)).toEqual(lines.length === 0 ? ['translate a'] : [])
})

it('leaves lines that were never built as they are written', () => {
  const config = written('release: -> best:')
  expect(liveConfig(config, controlOf(written(' -> '))).rankings).toEqual(config.rankings)
})
