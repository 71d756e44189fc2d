import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { ingestAll } from '../../cli/ingest-all.ts'
import { type OpenedPipeline, openPipeline } from '../../cli/workspace.ts'
import { startKalam, workFolder } from '../../test/system/kalam.ts'
import { type Installation, onKafka } from './installation.ts'
import type { Sizes } from './sizes.ts'
import { sleep } from './stage-run.ts'

const yaml = `
pipeline: failover
sources: [{ name: rows, path: data/rows.jsonl }]
chunkings: { lines25: { by: lines } }
translators: { a: { backend: pseudo, chunking: lines25 } }
rankings: { release: { candidates: [a] } }
`
const feedMs = 20
const giveUpMs = 90_000

/** Two workers of a stage with rows coming all the time; one is killed, and comes back at once or after the others took over. */
export async function* failover(installation: Installation, { repeats }: Sizes): AsyncGenerator<string> {
  yield* killed(installation, { sessionSeconds: 3, comesBack: false, repeats, aim: 'session + 2 s' })
  yield* killed(installation, { sessionSeconds: 3, comesBack: true, repeats, aim: '4 s' })
  yield* killed(installation, { sessionSeconds: 15, comesBack: true, repeats, aim: '4 s' })
}

async function* killed(
  installation: Installation,
  options: { sessionSeconds: number; comesBack: boolean; repeats: number; aim: string },
): AsyncGenerator<string> {
  const { sessionSeconds, comesBack, repeats, aim } = options
  const feed = await feeding(installation, sessionSeconds)
  const start = () => startKalam(feed.folder, ['work', 'chunk'])
  const workers = [start(), start()]
  const seconds: number[] = []
  try {
    for (let i = 0; i < repeats; i++) {
      await feed.settled(workers.length)
      const victim = workers[i % 2]!
      const movedSince = await feed.watch()
      victim.child.kill('SIGKILL')
      const at = performance.now()
      if (comesBack) workers[i % 2] = start()
      seconds.push((await movedSince(at)) / 1000)
      if (!comesBack) workers[i % 2] = start()
    }
  } finally {
    for (const { child } of workers) child.kill('SIGKILL')
    await Promise.all(workers.map(({ ended }) => ended))
    await feed.close()
  }
  const how = comesBack ? 'restarted at once' : 'others take over'
  const times = seconds.map((one) => one.toFixed(2)).join(', ')
  yield `session ${String(sessionSeconds).padEnd(2)} s, ${how}: ${times} s; longest ${Math.max(...seconds).toFixed(2)} s (aim at most ${aim})`
}

/** A pipeline whose source grows all the time, ingested here. */
const feeding = async (installation: Installation, sessionSeconds: number) => {
  const folder = workFolder({})
  const rows = join(folder.path, 'rows.jsonl')
  writeFileSync(rows, '')
  const file = await onKafka(installation, folder.path, yaml.replace('data/rows.jsonl', 'rows.jsonl'), sessionSeconds)
  const pipeline = await openPipeline(file, { env: process.env, create: false })
  const stop = new AbortController()
  const sources = pipeline.config.sources
  const ingest = ingestAll(pipeline, { sources, follow: true, signal: stop.signal, onProgress: () => undefined })
  const timer = setInterval(() => appendFileSync(rows, row), feedMs)
  const admin = new Kafka({ brokers: installation.brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  const group = `${pipeline.config.pipeline}.chunk.lines25.g1`
  return {
    folder: folder.path,
    /** Resolves when the group has so many members with partitions, and all partitions have moved since. */
    async settled(members: number) {
      for (const until = Date.now() + giveUpMs; ; await sleep(200)) {
        const [told] = (await admin.describeGroups([group])).groups
        const isStable = told?.state === 'Stable' && told.members.length === members
        if (isStable) break
        if (Date.now() > until) throw new Error(`${group} is ${told?.state} with ${told?.members.length} members`)
      }
      await (await watchEnds(pipeline))(performance.now())
    },
    watch: () => watchEnds(pipeline),
    async close() {
      clearInterval(timer)
      stop.abort()
      await ingest
      await admin.disconnect()
      await pipeline.close()
      folder.remove()
    },
  }
}

const row = `${JSON.stringify({ messages: [{ role: 'user', content: 'A short row that keeps a stage busy.' }] })}\n`

/** Written just before a kill, records may be seen just after it. */
const afterMs = 150

/** Gives what resolves with the milliseconds from a moment until every partition of the chunks has grown. */
const watchEnds = async ({ log, topics }: OpenedPipeline): Promise<(at: number) => Promise<number>> => {
  const topic = topics.chunks('lines25')
  return async (at) => {
    await sleep(afterMs)
    const before = await log.ends(topic)
    const growing = new Set(before.keys())
    while (growing.size > 0) {
      if (performance.now() - at > giveUpMs) throw new Error(`partitions ${[...growing]} of ${topic} do not move`)
      await sleep(20)
      const now = await log.ends(topic)
      for (const partition of growing) if (now[partition]! > before[partition]!) growing.delete(partition)
    }
    return performance.now() - at
  }
}
