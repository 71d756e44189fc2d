import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Ended, kalam, startKalam, workFolder } from './kalam.ts'

const pipeline = (source: string, translator = 'backend: pseudo, chunking: lines25') => `pipeline: config
partitons: 8
sources: [{ name: chat, path: ${source} }]
chunkings: { lines25: { by: lines, count: many } }
translators: { pseudo: { ${translator} } }
rankings: { release: { candidates: [pseudo] } }
`
const sound = (source: string) => pipeline(source).replace('partitons: 8\n', '').replace(', count: many', '')

const expectRefused = (ended: Ended) => {
  expect(ended.out + ended.err).not.toMatch(/\n\s+at /)
  expect(ended.out).toBe('')
  expect(ended.code).toBe(1)
}

describe('a pipeline.yaml with mistakes', () => {
  const folder = workFolder({
    'pipeline.yaml': pipeline('none.jsonl'),
    'variables.yaml': sound('.').replace('backend: pseudo', 'backend: openai, url: $A_URL, key: $A_KEY, model: m'),
    'pattern.yaml': sound('"empty/*.jsonl"'),
  })
  mkdirSync(join(folder.path, 'empty'))
  afterAll(() => folder.remove())

  it('stops a run with every mistake, its line, its column and what was meant, and starts nothing', async () => {
    const ended = await kalam(folder.path, 'run')
    expectRefused(ended)
    expect(ended.err).toMatch(/^error config_invalid: reading pipeline\.yaml: 3 problems\n/)
    expect(ended.err).toContain('2:1: unknown key partitons; did you mean partitions?\n     2 |  partitons: 8\n')
    expect(ended.err).toMatch(/3:31: sources\[0\]\.path: there is no .*none\.jsonl\n/)
    expect(ended.err).toContain('4:43: chunkings.lines25.count: expected a whole number, at least 1; found many')
    expect(ended.err).toContain('Nothing was started. 3 problems in pipeline.yaml.')
    expect(existsSync(join(folder.path, '.kalam'))).toBe(false)
  })

  it('names the variable that is not set, and never shows one that is', async () => {
    const ended = await startKalam(folder.path, ['run', 'variables.yaml'], { A_KEY: 'sk-hunter2' }).ended
    expectRefused(ended)
    expect(ended.err).toMatch(/^error missing_setting: .*translators\.pseudo\.url: the variable A_URL is not set/)
    expect(ended.err).toContain('Set A_URL, or name another variable there.')
    expect(ended.err).not.toContain('hunter2')
  })

  it('stops at a source without a file', async () => {
    const ended = await kalam(folder.path, 'run', 'pattern.yaml')
    expectRefused(ended)
    expect(ended.err).toMatch(/^error missing_file: reading source chat: there is no .*\.jsonl.* file at .*empty/)
    expect(ended.err).toContain('Set path: of source chat in pipeline.yaml.')
  })

  it('that is not there is missing_file, with how to write one', async () => {
    const ended = await kalam(folder.path, 'run', 'none.yaml')
    expectRefused(ended)
    expect(ended.err).toMatch(/^error missing_file: reading none\.yaml: there is no such file/)
    expect(ended.err).toContain('kalam init <data file>')
  })
})
