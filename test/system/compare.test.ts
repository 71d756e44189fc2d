import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeOpenai } from '../fake-openai/server.ts'
import { kalam, startKalam, workFolder } from './kalam.ts'

const rows = (word: string) =>
  ['One', word, 'Three', '{'].map((text) =>
    text === '{' ? text : JSON.stringify({ messages: [{ role: 'user', content: text }] }),
  )
const pipeline = (name: string, data: string, partitions: number) => `
pipeline: ${name}
partitions: ${partitions}
state: .state-${name}
out: out-${name}
sources: [{ name: talk, path: ${data}, split: data }]
chunkings: { all: { by: tokens } }
translators: { fake: { backend: pseudo, chunking: all } }
rankings: { release: { candidates: [fake] } }
`

const longMs = 300_000

describe('kalam verify --compare', { timeout: longMs }, () => {
  const folder = workFolder({
    'data.jsonl': rows('Two').join('\n'),
    'other.jsonl': rows('Six').join('\n'),
    'one.yaml': pipeline('one', 'data.jsonl', 1),
    'two.yaml': pipeline('two', 'data.jsonl', 3),
    'three.yaml': pipeline('three', 'other.jsonl', 1),
    'never.yaml': pipeline('never', 'data.jsonl', 1),
  })
  beforeAll(async () => {
    for (const name of ['one', 'two', 'three']) {
      const { code, err } = await kalam(folder.path, 'run', `${name}.yaml`)
      expect(code, err).toBe(0)
    }
  }, longMs)
  afterAll(() => folder.remove())

  const compare = (here: string, there: string) =>
    kalam(folder.path, 'verify', '-p', `${here}.yaml`, '--compare', `${there}.yaml`)

  it('tells of every topic that two runs are equal, whatever their partitions', async () => {
    const { code, out, err } = await compare('one', 'two')
    expect(out).toBe(`here   one
there  two, two.yaml

equal   messages (3 compared)
equal   chunks.all (3 compared)
equal   translations.fake (3 compared)
equal   scored.fake (3 compared)
equal   ranked.release (3 compared)
equal   dead_letters (1 compared)
`)
    expect(err).toBe('')
    expect(code).toBe(0)
  })

  it('ends with 1 and shows the field where they differ', async () => {
    const { code, out } = await compare('three', 'two')
    expect(code).toBe(1)
    expect(out).toContain(`DIFFER  messages (3 compared, 3 differ)
          talk/data/0, records[0].file
            here   "other.jsonl"
            there  "data.jsonl"
`)
    expect(out).toContain(`DIFFER  chunks.all (3 compared, 1 differ)
          talk/data/1, records[0].text
            here   "Six"
            there  "Two"
`)
  })

  it('refuses what has not run and what is the same pipeline', async () => {
    const never = await compare('one', 'never')
    expect([never.code, never.err]).toEqual([1, expect.stringMatching(/kalam run .*never\.yaml/)])
    const same = await compare('one', 'one')
    expect([same.code, same.err]).toEqual([2, expect.stringContaining('it is the same pipeline')])
  })

  it('is answered by a run, from any folder, and the other way round says whom to ask', async () => {
    const server = await fakeOpenai({ fault: () => ({ kind: 'hang' }) })
    const busy = pipeline('busy', 'data.jsonl', 1).replace(
      'backend: pseudo',
      `backend: openai, url: "${server.url}", model: m`,
    )
    const elsewhere = workFolder({ 'busy.yaml': busy, 'data.jsonl': rows('Two').join('\n') })
    try {
      const run = startKalam(elsewhere.path, ['run', 'busy.yaml'])
      // The greeting comes first, and hangs as all else does.
      while (server.stats.calls < 2) await new Promise((resolve) => setTimeout(resolve, 50))
      const yaml = join(elsewhere.path, 'busy.yaml')
      const asked = await kalam(folder.path, 'verify', '-p', yaml, '--compare', 'one.yaml')
      expect(asked.out).toContain('equal   messages (3 compared)')
      expect(asked.out).toContain('DIFFER  ranked.release (3 compared, 3 only there)')
      expect(asked.code).toBe(1)
      const refused = await kalam(folder.path, 'verify', '-p', 'one.yaml', '--compare', yaml)
      expect([refused.code, refused.err]).toEqual([1, expect.stringContaining(`kalam verify -p ${yaml} --compare`)])
      run.child.kill('SIGINT')
      await run.ended
    } finally {
      await server.close()
      elsewhere.remove()
    }
  })
})
