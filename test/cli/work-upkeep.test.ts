import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { type WorkEvent, type WorkStage, workStage } from '../../cli/work-stage.ts'
import { openWorkspace, type Workspace } from '../../cli/workspace.ts'
import { generationEntry } from '../../dataflow/control.ts'
import { fakeOpenai } from '../fake-openai/server.ts'
import { workFolder } from '../system/kalam.ts'

const data = `${JSON.stringify({ messages: [{ role: 'user', content: 'Say a number' }] })}\n`
const pipeline = (url: string, minFree: string) => `
pipeline: upkept
partitions: 1
sources: [{ name: talk, path: data.jsonl }]
chunkings: { all: { by: tokens } }
translators: { model: { backend: openai, url: "${url}", model: m, chunking: all } }
rankings: { release: { candidates: [model] } }
limits: { min_free: ${minFree} }
`

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A pipeline with stages at work, and what they have told. */
const worked = async ({ minFree, before }: { minFree: string; before?(workspace: Workspace): Promise<unknown> }) => {
  const server = await fakeOpenai({})
  ends.push(() => server.close())
  const folder = workFolder({ 'data.jsonl': data, 'pipeline.yaml': pipeline(server.url, minFree) })
  ends.push(folder.remove)
  const workspace = await openWorkspace(join(folder.path, 'pipeline.yaml'), { env: {}, create: true })
  ends.push(() => workspace.close())
  await before?.(workspace)
  const told: { stage: WorkStage; event: WorkEvent; text: string }[] = []
  const stop = new AbortController()
  const work = (...stages: WorkStage[]) => {
    const working = stages.map((stage) =>
      workStage(workspace, { stage }, stop.signal, (event, text) => told.push({ stage, event, text })),
    )
    ends.push(() => {
      stop.abort()
      return Promise.all(working)
    })
  }
  return { workspace, server, told, work }
}

const ended = async ({ log, topics }: Workspace): Promise<number> => (await log.ends(topics.messages))[0] ?? 0

it('lets sources and translators wait while the disk is nearly full, and says so', async () => {
  const { workspace, server, told, work } = await worked({ minFree: '100 %' })
  work('ingest', 'chunk', 'translate', 'score')
  await expect.poll(() => told.map(({ stage }) => stage).sort(), { timeout: 20_000 }).toEqual(['ingest', 'translate'])
  expect(told[0]).toMatchObject({ event: 'disk', text: expect.stringContaining('limits.min_free is 100 %') })
  await sleep(500)
  // The head of a partition is there, its rows are not.
  expect(await ended(workspace)).toBeLessThanOrEqual(1)
  // The greeting is no chunk.
  expect(server.calls().length).toBeLessThanOrEqual(1)
})

it('takes rows in where there is room', async () => {
  const { workspace, server, told, work } = await worked({ minFree: '1 MiB' })
  work('ingest', 'chunk', 'translate', 'score')
  await expect.poll(() => server.calls().length, { timeout: 20_000 }).toBe(2)
  expect(await ended(workspace)).toBeGreaterThanOrEqual(1)
  expect(told).toEqual([])
})

it('drops what was replaced more than a week ago where rows are landed', async () => {
  const line = { stage: 'chunk', line: 'all', settings: {} }
  const stoppedAt = Date.now() - 8 * 24 * 3_600_000
  const { workspace, told, work } = await worked({
    minFree: '1 MiB',
    before: ({ feed }) =>
      feed.change(() => [
        generationEntry(line, { generation: 2, state: 'stopped', created_at: stoppedAt, stopped_at: stoppedAt }),
      ]),
  })
  work('land')
  await expect
    .poll(() => told, { timeout: 20_000 })
    .toEqual([
      { stage: 'land', event: 'dropped', text: 'dropped: chunk all generation 2, replaced more than 7 days ago' },
    ])
  expect(workspace.feed.state.generations.get('chunk/all/g2')).toMatchObject({ state: 'dropped' })
})
