import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWorkspace } from '../../cli/workspace.ts'
import { fakeOpenai } from '../fake-openai/server.ts'
import { kalam, workFolder } from '../system/kalam.ts'

const rowsOf = (count: number, topic: string): string =>
  Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      messages: [
        { role: 'user', content: `Tell me about ${topic} number ${i}.` },
        { role: 'assistant', content: `It is the ${topic} with ${i} names, and it is old.` },
      ],
    }),
  ).join('\n')

const pipeline = (url: string) => `
pipeline: sampled
partitions: 2
sources: [{ name: talk, path: data }]
chunkings: { lines25: { by: lines } }
translators:
  first: { backend: openai, url: "${url}", model: one, chunking: lines25, samples: 2, sampling: { temperature: 0.7 },
    price: { prompt: 1, completion: 2 } }
rankings:
  release: { candidates: [first] }
`

const rowsQuery =
  'SELECT source, split, row, content, line_number FROM v_messages JOIN v_conversations USING (source, split, row) WHERE message_index = 0 ORDER BY split, row'

describe('kalam run --sample', () => {
  const folder = workFolder()
  let server: Awaited<ReturnType<typeof fakeOpenai>>
  const conversations = async (side?: string) => {
    const file = join(folder.path, 'pipeline.yaml')
    const workspace = await openWorkspace(file, { env: process.env, create: false, side })
    try {
      return (await workspace.warehouse.query<{ split: string }>(rowsQuery)).map((row) => ({ ...row }))
    } finally {
      await workspace.close()
    }
  }

  beforeAll(async () => {
    server = await fakeOpenai({})
    mkdirSync(join(folder.path, 'data'))
    writeFileSync(join(folder.path, 'data/alpha.jsonl'), rowsOf(40, 'river'))
    writeFileSync(join(folder.path, 'data/beta.jsonl'), rowsOf(3, 'bread'))
    writeFileSync(join(folder.path, 'pipeline.yaml'), pipeline(server.url))
  })
  afterAll(async () => {
    await server.close()
    folder.remove()
  })

  it('runs drawn rows of every split, and prints report and rates', async () => {
    const side = await kalam(folder.path, 'run', '--sample', '5')
    expect(side.out).toContain('know the full run only')
    expect(side.code, side.err).toBe(0)
    expect(side.err).toContain('8 rows of 43 rows in 2 splits are drawn by seed 1\n')
    expect(side.out).toContain(join(folder.path, 'out/samples/1-5/report.html'))
    expect(side.out).toMatch(/first\n {2}measured {2}16 answers, 0\.0 % refused; [\d,]+ tokens in, [\d,]+ out\n/)
    expect(side.out).toMatch(/rates {5}[\d.,]+ calls\/s, [\d,]+ answer tokens\/s; \$[\d.]+ per 1,000 conversations\n/)
    expect(side.out).toMatch(/whole {5}86 calls, .* at this rate\n/)
    expect(side.out).toContain('The whole pays for none of this again:  kalam run pipeline.yaml\n')
    // 32 texts, and the greeting at the first start.
    expect(server.books().calls).toBe(33)
    expect(existsSync(join(folder.path, '.kalam/log'))).toBe(false)
  })

  it('begins anew with every answer from memory', async () => {
    const again = await kalam(folder.path, 'run', '--sample', '5')
    expect(again.code, again.err).toBe(0)
    expect(again.out).toContain('all of it from memory')
    expect(server.books().calls).toBe(33)
  })

  it('has left nothing for a full run to pay again, which has the same rows and more', async () => {
    const full = await kalam(folder.path, 'run')
    expect(full.code, full.err).toBe(0)
    const { calls, requests, paidAgain } = server.books()
    expect([calls, requests, paidAgain]).toEqual([173, 173, 0])

    const [drawn, all] = [await conversations('1-5'), await conversations()]
    expect(all).toHaveLength(43)
    expect(drawn.map(({ split }) => split)).toEqual([...Array(5).fill('alpha'), ...Array(3).fill('beta')])
    expect(all).toEqual(expect.arrayContaining(drawn))
  })
})
