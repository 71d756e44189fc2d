import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { fakeOpenai } from '../fake-openai/server.ts'
import { describeRegistry } from '../kafka/describe-kafka.ts'
import { sharedKafka } from '../kafka/shared-kafka.ts'
import { startRegistry } from '../kafka/start-registry.ts'
import { kalam, workFolder } from './kalam.ts'

const row = (text: string) =>
  JSON.stringify({
    messages: [
      { role: 'user', content: text },
      { role: 'assistant', content: `An answer to it: ${text}` },
    ],
  })

/** Texts with `stubborn` are answered with nothing by the first five attempts; `warm` ones well only above temperature 1.2. */
const setUp = async ({ name, log } = { name: 'again', log: '' }) => {
  const empty = { kind: 'body' as const, body: { choices: [{ message: { content: '' }, finish_reason: 'stop' }] } }
  const server = await fakeOpenai({
    fault({ body }) {
      const asked = JSON.stringify(body)
      if (asked.includes('stubborn') && Number(body.seed ?? 0) < 5) return empty
      return asked.includes('warm') && Number(body.temperature) < 1.2 ? empty : undefined
    },
  })
  const yaml = `
pipeline: ${name}
${log}
sources: [{ name: chat, path: rows.jsonl, split: train }]
chunkings: { lines25: { by: lines } }
translators: { model: { backend: openai, url: "${server.url}", model: fake, chunking: lines25 } }
rankings: { release: { candidates: [model] } }
`
  const folder = workFolder({ 'pipeline.yaml': yaml })
  onTestFinished(async () => {
    await server.close()
    folder.remove()
  })
  const texts = [
    'A first text of some words.',
    'This text is stubborn for a while.',
    'Another text that is warm at heart.',
    'The last text.',
  ]
  writeFileSync(join(folder.path, 'rows.jsonl'), texts.map(row).join('\n'))
  const run = async (...args: string[]) => {
    const ended = await kalam(folder.path, ...args)
    expect(ended.code, ended.err).toBe(0)
    return ended.out
  }
  const failed = () =>
    run('sql', "SELECT id, reason FROM v_chunks WHERE status = 'failed' GROUP BY ALL ORDER BY id", '--format', 'csv')
  if (log !== '') await run('topics', 'create')
  return { server, run, failed, folder: folder.path }
}

/** Retries chunks of a pipeline at a place. */
const retries = async (place?: { name: string; log: string }): Promise<void> => {
  const { server, run, failed, folder } = await setUp(place)
  await run('run')
  expect(await failed()).toMatch(/chat\/train\/1.*empty[\s\S]*chat\/train\/2.*empty/)
  const before = server.stats.calls
  expect(await run('retry', 'model', '--reason', 'empty', '--dry')).toContain(
    'asks anew for 4 chunks of model: 4 to 20 calls',
  )
  expect(await run('retry', 'model', '--reason', 'empty')).toContain(
    place
      ? 'The services ask; kalam promote model   makes it live once it has caught up.'
      : 'kalam run   asks, and makes the answers live.',
  )
  const another = await kalam(folder, 'retry', 'model', '--reason', 'empty')
  expect(another.err).toContain(`${place ? 'kalam promote model' : 'kalam run'}   makes them live`)
  await run('run')
  // Two stubborn texts get their answer with one call each, two warm ones none with five.
  expect(server.stats.calls - before).toBe(2 + 10)
  expect(await failed()).not.toContain('chat/train/1')
  expect(await failed()).toContain('chat/train/2')

  writeFileSync(join(folder, 'ids.txt'), 'chat/train/2\n')
  await run('retry', 'model', '--ids', 'ids.txt', '--set', 'sampling.temperature=1.5')
  await run('run')
  expect(server.stats.calls - before).toBe(12 + 2)
  expect(await failed()).not.toContain('chat/train')
  // Nothing else is asked for, however often it runs or is built anew.
  expect(await run('replay', 'model')).toContain(place ? 'The services build it.' : 'kalam run   builds it.')
  const early = await kalam(folder, 'promote', 'model')
  expect(early.err).toContain(place ? 'The services build it; promote it' : 'kalam run   builds it to the end')
  await run('pause', 'model')
  expect(await run('resume', 'model')).toBe(`model goes on${place ? '' : ' with the next run'}\n`)
  await run('run')
  await run('promote', 'model')
  expect(server.stats.calls - before).toBe(14)
  expect(await failed()).not.toContain('chat/train')
}

it('retry asks anew only for what is chosen, says first what it takes, and makes it live', () => retries(), 300_000)

describeRegistry('on a broker', () => {
  it('retry does the same', async () => {
    const registry = await startRegistry()
    onTestFinished(() => registry.stop())
    const kafka = { brokers: await sharedKafka(), registry: registry.url, replication: 1, min_insync: 1 }
    await retries({ name: `again-${process.pid}`, log: `log: ${JSON.stringify({ kafka })}` })
  }, 300_000)
})

it('retry says what is wrong with what it is told', { timeout: 180_000 }, async () => {
  const { folder, run, failed } = await setUp()
  await run('run')
  for (const [args, told] of [
    [['model'], 'it is not said which chunks'],
    [['model', '--ids', 'none.txt'], 'reading --ids none.txt'],
    [['model', '--reason', 'empty', '--set', 'sampling.temperature=hot'], 'translators.model.sampling.temperature'],
    [['model', '--reason', 'empty', '--set', 'chunking=other'], "a retry keeps the line's own chunking"],
    [['model', '--reason', 'empty', '--set', 'attempts=9'], '--attempts says how many more'],
    [['release', '--reason', 'empty'], 'it is no translator line'],
  ] as const) {
    const { code, err } = await kalam(folder, 'retry', ...args)
    expect([code, err]).toEqual([expect.toBeOneOf([1, 2]), expect.stringContaining(told)])
  }
  // What is asked anew waits as long as its line pauses, and the run ends as any other with one.
  await run('pause', 'model')
  await run('retry', 'model', '--reason', 'empty')
  const another = await kalam(folder, 'retry', 'model', '--reason', 'length')
  expect([another.code, another.err]).toEqual([2, expect.stringContaining('of the retry of model are not live yet')])
  const paused = await kalam(folder, 'run')
  expect([paused.code, paused.err]).toEqual([4, expect.stringContaining('! stopped by a pause: model')])
  await run('resume', 'model')
  await run('run')
  expect(await failed()).not.toContain('chat/train/1')
})
