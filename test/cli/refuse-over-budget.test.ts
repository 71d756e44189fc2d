import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeOpenai } from '../fake-openai/server.ts'
import { kalam, workFolder } from '../system/kalam.ts'

const rows = Array.from({ length: 8 }, (_, i) =>
  JSON.stringify({
    messages: [
      { role: 'user', content: `What is the name of river number ${i}?` },
      { role: 'assistant', content: `It is called river ${i}.` },
    ],
  }),
).join('\n')

const pipeline = (url: string, budget: string) => `
pipeline: bounded
partitions: 2
sources: [{ name: talk, path: data }]
chunkings: { lines25: { by: lines } }
translators:
  first: { backend: openai, url: "${url}", model: one, chunking: lines25, price: { prompt: 1, completion: 2 }, budget: ${budget} }
rankings:
  release: { candidates: [first] }
`

describe('a run with a budget', () => {
  const folder = workFolder()
  let server: Awaited<ReturnType<typeof fakeOpenai>>
  const write = (budget: string) => writeFileSync(join(folder.path, 'pipeline.yaml'), pipeline(server.url, budget))

  beforeAll(async () => {
    server = await fakeOpenai({})
    mkdirSync(join(folder.path, 'data'))
    writeFileSync(join(folder.path, 'data/alpha.jsonl'), rows)
  })
  afterAll(async () => {
    await server.close()
    folder.remove()
  })

  it('is refused before anything is called or written when even the low estimate is over it', async () => {
    write('{ calls: 5, usd: 5 }')
    const { code, out, err } = await kalam(folder.path, 'run')
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(
      /^error budget_used_up: estimating pipeline\.yaml: more is needed than is left\n {2}translators\.first\.budget: 5 of 5 calls left, 16–17 calls needed\n/,
    )
    expect(err).toContain('kalam run pipeline.yaml --until-budget')
    expect(server.books().calls).toBe(0)
    expect(existsSync(join(folder.path, '.kalam'))).toBe(false)
  })

  it('runs when it may be enough', async () => {
    write('{ calls: 16 }')
    const { code, err } = await kalam(folder.path, 'run')
    expect(code, err).toBe(0)
    expect(server.books().calls).toBe(16)
  })

  it('runs again with nothing left of it when all answers are in the memory', async () => {
    const { code, err } = await kalam(folder.path, 'run')
    expect(code, err).toBe(0)
    expect(server.books().calls).toBe(16)
  })

  it('is refused by what is left, when rows were added that the budget was not spent for', async () => {
    writeFileSync(join(folder.path, 'data/beta.jsonl'), rows.replaceAll('river', 'town'))
    const { code, err } = await kalam(folder.path, 'run')
    expect(code).toBe(1)
    expect(err).toContain('translators.first.budget: 0 of 16 calls left, 16–')
    expect(server.books().calls).toBe(16)
  })
})
