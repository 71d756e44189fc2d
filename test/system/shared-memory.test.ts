import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fakeOpenai } from '../fake-openai/server.ts'
import { startWarehouse, type TestWarehouse } from '../warehouse/start-warehouse.ts'
import { kalam, startKalam, workFolder } from './kalam.ts'

const longMs = 120_000
const count = 60
const data = Array.from(
  { length: count },
  (_, i) =>
    `${JSON.stringify({ messages: [{ role: 'user', content: `Tell me about number ${i} in a few words.` }] })}\n`,
).join('')

describe('runs that share their memory', () => {
  let shared: TestWarehouse
  let model: Awaited<ReturnType<typeof fakeOpenai>>
  const folders: ReturnType<typeof workFolder>[] = []
  beforeEach(async () => {
    shared = await startWarehouse()
    model = await fakeOpenai({ latencyMs: 20 })
  }, longMs)
  afterEach(async () => {
    await model.close()
    await shared.close()
    for (const folder of folders.splice(0)) folder.remove()
  })

  const newPipeline = (name: string): string => {
    const folder = workFolder({
      'data.jsonl': data,
      'pipeline.yaml': `
pipeline: ${name}
memory: { url: "${shared.url}", database: answers }
sources: [{ name: talk, path: data.jsonl }]
chunkings: { all: { by: tokens } }
translators: { model: { backend: openai, url: "${model.url}", model: m, chunking: all, slots: 2 } }
rankings: { release: { candidates: [model] } }
`,
    })
    folders.push(folder)
    return folder.path
  }
  const spentIn = async (folder: string): Promise<number> => {
    const { out } = await kalam(folder, 'memory', 'stats', '--json')
    const { accounts } = JSON.parse(out) as { accounts: { spent: { calls: number } }[] }
    return accounts.reduce((sum, { spent }) => sum + spent.calls, 0)
  }

  it(
    'pay for an answer once, and book it where it was paid',
    async () => {
      const [first, second] = [newPipeline('first'), newPipeline('second')]
      expect(await kalam(first, 'run')).toMatchObject({ code: 0 })
      // A greeting comes before all others.
      expect(model.stats.calls).toBe(count + 1)
      expect(await kalam(second, 'run')).toMatchObject({ code: 0 })
      expect(model.stats.calls).toBe(count + 1)
      expect([await spentIn(first), await spentIn(second)]).toEqual([count, 0])
    },
    longMs,
  )

  it(
    'wait while the server is away, say so, stop on Ctrl-C, and ask for nothing twice that was answered',
    async () => {
      const folder = newPipeline('patient')
      const run = startKalam(folder, ['run'])
      await expect.poll(() => model.stats.calls, { timeout: 30_000 }).toBeGreaterThan(10)
      await shared.kill()
      let said = ''
      run.child.stderr!.on('data', (text: string) => {
        said += text
      })
      await expect
        .poll(() => said, { timeout: 30_000 })
        .toMatch(/model waits, warehouse_unavailable: .* memory.*; nothing failed, it goes on by itself/)
      run.child.kill('SIGINT')
      expect((await run.ended).code).toBe(130)

      const again = startKalam(folder, ['run'])
      let saidAgain = ''
      again.child.stderr!.on('data', (text: string) => {
        saidAgain += text
      })
      await expect.poll(() => saidAgain, { timeout: 30_000 }).toContain('model waits, warehouse_unavailable')
      await shared.start()
      expect(await again.ended).toMatchObject({ code: 0 })
      // Ctrl-C leaves the calls under way, at most one in each slot.
      expect(model.stats.repeated).toBeLessThanOrEqual(2)
      const { calls } = model.stats
      const other = newPipeline('other')
      expect(await kalam(other, 'run')).toMatchObject({ code: 0 })
      expect([model.stats.calls, await spentIn(folder)]).toEqual([calls, count])
    },
    longMs,
  )
})
