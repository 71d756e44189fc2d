import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openWorkspace, type Workspace } from '../../../cli/workspace.ts'
import { lineProgress } from '../../../services/line-progress.ts'
import { fakeOpenai } from '../../fake-openai/server.ts'
import { type FaultProxy, faultProxy } from '../../kafka/fault-proxy.ts'
import { type KafkaCluster, startKafka } from '../../kafka/start-kafka.ts'
import { type Registry, startRegistry } from '../../kafka/start-registry.ts'
import { startWarehouse, type TestWarehouse } from '../../warehouse/start-warehouse.ts'
import { filesBelow, kalam, root, startKalam, workFolder } from '../kalam.ts'
import { type Services, startServices } from './services.ts'

/** Session of the members, in seconds. */
export const sessionSeconds = 3

/** A whole installation under test: brokers behind proxies, a registry, a translator, and all services as processes. */
export interface World {
  folder: string
  cluster: KafkaCluster
  proxies: FaultProxy[]
  registry: Registry
  warehouse: TestWarehouse
  translator: Awaited<ReturnType<typeof fakeOpenai>>
  services: Services
  env: Record<string, string>
  /** Appends rows to the sources; they are to come out ranked. */
  feed(rows: number): void
  /** Appends one row with this text. */
  feedText(text: string): void
  /** Resolves when everything fed has been ranked and landed; rejects with how far it came after the time. */
  settled(withinMs: number): Promise<void>
  /** Ends the services, and compares what came out with an undisturbed run of the same rows. Resolves with what differs. */
  compare(): Promise<string[]>
  /** What the status and verify say of it as it stands, and the logs of services and brokers. */
  diagnosis(): Promise<string>
  close(): Promise<void>
}

const brokerSettings = {
  'transactional.id.expiration.ms': '60000',
  'transaction.remove.expired.transaction.cleanup.interval.ms': '5000',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
}

/** The text of a chunk that the translator never survives. */
export const poison = 'This sentence always kills the translator.'

const pipeline = (url: string, places: string) => `
pipeline: faults
partitions: 4
${places}
sources: [{ name: one, path: data/one.jsonl }, { name: two, path: data/two.jsonl }]
chunkings: { tokens490: { by: tokens }, lines25: { by: lines } }
translators:
  a: { backend: openai, url: "${url}", model: model-a, chunking: tokens490, slots: 16, timeout_s: 5 }
  b: { backend: openai, url: "${url}", model: model-b, chunking: lines25, slots: 16, timeout_s: 5 }
rankings:
  a_ranked: { candidates: [a] }
  release: { candidates: [a, b], keep: { lr: ">= 0.4", scr: ">= 0.8" } }
`

/** Rows of the chat data, short ones, over and over. */
const rowsOf = (): string[] => {
  const chat = join(root, 'test/data/chat')
  return readdirSync(chat)
    .sort()
    .flatMap((name) => readFileSync(join(chat, name), 'utf8').split('\n'))
    .filter((line) => line !== '' && line.length < 6000)
}

/** Starts everything; `nodes` brokers, and `counts` processes per stage. */
export const startWorld = async (options: { nodes?: number; counts: Record<string, number> }): Promise<World> => {
  const nodes = options.nodes ?? 1
  const [cluster, registry, warehouse, translator] = await Promise.all([
    startKafka({ nodes, settings: brokerSettings }),
    startRegistry(),
    startWarehouse(),
    fakeOpenai({
      latencyMs: 20,
      fault: ({ body }) => (JSON.stringify(body).includes(poison) ? { kind: 'status', status: 500 } : undefined),
    }),
  ])
  const proxies = await Promise.all(cluster.nodes.map((node) => faultProxy(node.proxyPort, node.advertisedPort)))
  const work = workFolder()
  const folder = work.path
  const env = { BROKERS: cluster.proxiedBrokers.join(','), REGISTRY: registry.url, WAREHOUSE: warehouse.url }
  const copies = Math.min(3, nodes)
  const log = `log: { kafka: { brokers: [$BROKERS], registry: $REGISTRY, replication: ${copies}, min_insync: ${Math.min(2, copies)}, session_timeout_s: ${sessionSeconds} } }`
  writeFileSync(
    join(folder, 'pipeline.yaml'),
    pipeline(translator.url, `${log}\nwarehouse: { url: $WAREHOUSE, database: faults }`),
  )
  mkdirSync(join(folder, 'data'))
  for (const name of ['one', 'two']) writeFileSync(join(folder, `data/${name}.jsonl`), '')
  const created = await startKalam(folder, ['topics', 'create'], env).ended
  if (created.code !== 0) throw new Error(created.err)
  const services = startServices(folder, env, options.counts)
  const rows = rowsOf()
  let fed = 0
  const append = (row: string) => {
    const name = fed++ % 2 === 0 ? 'one' : 'two'
    appendFileSync(join(folder, `data/${name}.jsonl`), `${row}\n`)
  }
  const pipelineFile = join(folder, 'pipeline.yaml')
  // Straight to the brokers, so that faults of the proxies do not reach the one who looks.
  const direct = { ...process.env, ...env, BROKERS: cluster.brokers.join(',') }
  const looking = await openWorkspace(pipelineFile, { env: direct, create: false, waits: true })
  const howFar = progressOf(looking)
  const world: World = {
    folder,
    cluster,
    proxies,
    registry,
    warehouse,
    translator,
    services,
    env,
    feed(count) {
      for (let i = 0; i < count; i++) append(rows[fed % rows.length]!)
    },
    feedText: (text) => append(JSON.stringify({ messages: [{ role: 'user', content: text }] })),
    async settled(withinMs) {
      const until = Date.now() + withinMs
      for (;;) {
        // Whoever looks may give up on brokers that are away before the services do.
        const far = await howFar().catch((thrown: Error) => ({ ranked: -1, waiting: -1, thrown: thrown.message }))
        if (far.ranked >= fed && far.waiting === 0) return
        if (Date.now() > until) throw new Error(`after ${withinMs / 1000} s: ${JSON.stringify(far)}, ${fed} fed`)
        await sleep(200)
      }
    },
    async compare() {
      const ends = await services.stop()
      const differences = ends
        .filter(({ code, signal }) => code !== 0 && signal === null)
        .map(({ code, err }) => `a service ended with ${code}: ${err.slice(-500)}`)
      const calm = workFolder({ 'pipeline.yaml': pipeline(translator.url, '') })
      cpSync(join(folder, 'data'), join(calm.path, 'data'), { recursive: true })
      const expected = await kalam(calm.path, 'run')
      if (expected.code !== 0) differences.push(`the undisturbed run: ${expected.err}`)
      const exported = await startKalam(folder, ['export'], { ...env, BROKERS: direct.BROKERS }).ended
      if (exported.code !== 0) differences.push(`export: ${exported.err}`)
      const actual = filesBelow(join(folder, 'out'))
      for (const [name, bytes] of filesBelow(join(calm.path, 'out'))) {
        if (name.startsWith('report.') || name.endsWith('README.md')) continue
        if (!actual.get(name)?.equals(bytes)) differences.push(`${name} differs from the undisturbed run's`)
      }
      const verified = await startKalam(folder, ['verify'], { ...env, BROKERS: direct.BROKERS }).ended
      const broken = verified.out.split('\n').filter((line) => line.startsWith('          ') && !isNoise(line))
      if (broken.length > 0 || !/^(ok|BROKEN) /.test(verified.out))
        differences.push(`verify: ${verified.out}${verified.err}`)
      calm.remove()
      return differences
    },
    async diagnosis() {
      const saw = { ...env, BROKERS: direct.BROKERS }
      const said = [
        await startKalam(folder, ['status'], saw).ended,
        await startKalam(folder, ['verify'], saw).ended,
      ].map(({ out, err }) => out + err)
      const notes = join(folder, 'services.log')
      const logs = [notes, ...cluster.nodes.map(({ logFile }) => logFile)].filter((file) => existsSync(file))
      return [...said, ...logs.map((file) => `== ${file}\n${readFileSync(file, 'utf8')}`)].join('\n')
    },
    async close() {
      await services.stop()
      await looking.close()
      await Promise.all(proxies.map((proxy) => proxy.close()))
      await translator.close()
      await Promise.all([cluster.stop(), registry.stop(), warehouse.close()])
      work.remove()
    },
  }
  return world
}

/** Records that a fault put there, which verify finds. */
const isNoise = (line: string): boolean => /has no place in a conversation|its position is ""/.test(line)

/** Tells how many conversations every ranking has ranked, and how many records wait before any stage. */
const progressOf = ({ log, topics, config, stages }: Workspace) => {
  const rankings = Object.keys(config.rankings).map((ranking) => topics.ranked(ranking))
  const counted = rankings.map((topic) => ({ topic, next: new Array<number>(config.partitions).fill(0), count: 0 }))
  return async () => {
    for (const ranking of counted) {
      for (const partition of ranking.next.keys()) {
        for await (const records of log.scan(ranking.topic, partition, ranking.next[partition]!)) {
          ranking.count += records.filter(({ headers }) => headers.count !== undefined).length
          ranking.next[partition] = records.at(-1)!.offset + 1
        }
      }
    }
    const progress = await lineProgress(log, stages)
    const waiting = progress.reduce((sum, { committed, end }) => sum + Math.max(0, end - committed), 0)
    return { ranked: Math.min(...counted.map(({ count }) => count)), waiting }
  }
}
