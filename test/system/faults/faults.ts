import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import type { Failpoint } from '../../../dataflow/failpoint.ts'
import { apiKeys } from '../../kafka/fault-proxy.ts'
import type { Service } from './services.ts'
import { poison, sessionSeconds, type World } from './world.ts'

/** Numbers from 0 to below 1, the same ones for the same seed. */
export type Random = () => number

/** Something that goes wrong; resolves when it is over, or as far as the world mends itself. */
export type Fault = (world: World, random: Random) => Promise<void>

const stages = ['ingest', 'chunk', 'translate', 'score', 'rank', 'land']
const pick = <Item>(items: readonly Item[], random: Random): Item => items[Math.floor(random() * items.length)]!
const anyService = ({ services }: World, random: Random): Service => pick(services.of(pick(stages, random)), random)
const silenceMs = 3 * sessionSeconds * 1000
/** Longer than a command waits. */
const outageMs = 45_000

/** Of every log that is larger nothing more can be written. */
const smallestLogBytes = 4096

/** The faults that a cluster of so many brokers can have. */
export const faultsOf = (nodes: number): string[] =>
  Object.keys(faults).filter((name) => nodes > 1 || name !== 'leader_changed')

/** Which stages pass a failpoint. */
const passing: Record<Failpoint, string[]> = {
  after_read: ['chunk', 'translate', 'score', 'rank', 'land'],
  before_call: ['translate'],
  after_call: ['translate'],
  before_send: ['ingest', 'chunk', 'translate', 'score', 'rank', 'land'],
  between_send_and_offsets: ['ingest', 'chunk', 'translate', 'score', 'rank', 'land'],
  before_end: ['ingest', 'chunk', 'translate', 'score', 'rank', 'land'],
  after_end: ['ingest', 'chunk', 'translate', 'score', 'rank', 'land'],
  during_rebalance: ['chunk', 'translate', 'score', 'rank'],
  during_fencing: ['ingest', 'chunk', 'translate', 'score', 'rank', 'land'],
}

const dieAt =
  (place: Failpoint): Fault =>
  async (world, random) => {
    const service = pick(world.services.of(pick(passing[place], random)), random)
    await service.restart({ KALAM_FAILPOINT: `${place}@${1 + Math.floor(random() * 3)}` })
    if (place === 'during_rebalance') pick(world.services.of(service.stage), random).kill()
    await sleep(2000)
  }

const withProxies = async (world: World, mode: 'blackhole' | 'refuse', ms: number): Promise<void> => {
  for (const proxy of world.proxies) proxy.setMode(mode)
  await sleep(ms)
  for (const proxy of world.proxies) proxy.setMode('pass')
}

const losing =
  (key: keyof typeof apiKeys): Fault =>
  async (world, random) => {
    for (const proxy of world.proxies) proxy.dropResponses([apiKeys[key]], 1 + Math.floor(random() * 3))
    await sleep(1500)
    for (const proxy of world.proxies) proxy.dropResponses([], 0)
  }

const rawClient = (world: World) => new Kafka({ brokers: world.cluster.brokers, logLevel: logLevel.NOTHING })

/** Every fault by name. */
export const faults: Record<string, Fault> = {
  kill: async (world, random) => anyService(world, random).kill(),
  async kill_one_of_each(world, random) {
    for (const stage of stages) pick(world.services.of(stage), random).kill()
  },
  async kill_all(world) {
    for (const service of world.services.services) service.kill()
  },
  async sleep_two_sessions(world, random) {
    const { child } = anyService(world, random)
    child.kill('SIGSTOP')
    await sleep(2 * sessionSeconds * 1000)
    child.kill('SIGCONT')
  },
  async rolling_restart(world, random) {
    for (const service of world.services.of(pick(stages, random))) await service.restart()
  },
  async join_and_leave(world, random) {
    const service = world.services.add(pick(['chunk', 'translate', 'score', 'rank'], random))
    await sleep(5000)
    await service.stop()
    world.services.services.splice(world.services.services.indexOf(service), 1)
  },
  async broker_killed(world, random) {
    const node = pick(world.cluster.nodes, random)
    await node.kill()
    await sleep(random() * 3000)
    await node.start()
  },
  /** Ended in order, a broker hands its leaderships on; it gets some back when it is there again. */
  async leader_changed(world, random) {
    const node = pick(world.cluster.nodes, random)
    await node.stop()
    await sleep(random() * 3000)
    await node.start()
  },
  /** From one moment on nothing more fits into the broker's log folder; space comes when it has given up. */
  async broker_disk_full(world, random) {
    const node = pick(world.cluster.nodes, random)
    await promisify(execFile)('prlimit', ['--pid', String(node.pid), `--fsize=${smallestLogBytes}`])
    world.feed(12)
    for (let waitedMs = 0; node.pid !== undefined; waitedMs += 100) {
      if (waitedMs > 60_000) throw new Error('the broker did not notice that its disk is full')
      await sleep(100)
    }
    await sleep(random() * 2000)
    await node.start()
  },
  brokers_silent: (world) => withProxies(world, 'blackhole', silenceMs),
  brokers_refuse: (world) => withProxies(world, 'refuse', silenceMs),
  brokers_silent_long: (world) => withProxies(world, 'blackhole', outageMs),
  brokers_refuse_long: (world) => withProxies(world, 'refuse', outageMs),
  produce_response_lost: losing('Produce'),
  end_response_lost: losing('EndTxn'),
  offsets_response_lost: losing('TxnOffsetCommit'),
  partitions_response_lost: losing('AddPartitionsToTxn'),
  fence_response_lost: losing('InitProducerId'),
  async registry_killed(world, random) {
    await world.registry.kill()
    pick(world.services.of('score'), random).kill()
    await sleep(2000)
    await world.registry.start()
  },
  async registry_hangs(world, random) {
    world.registry.pause()
    pick(world.services.of('rank'), random).kill()
    await sleep(7000)
    world.registry.resume()
  },
  async warehouse_killed(world) {
    await world.warehouse.kill()
    await sleep(3000)
    await world.warehouse.start()
  },
  async warehouse_fails_after_insert(world, random) {
    const how = pick(['error', 'gateway', 'cut'] as const, random)
    await world.warehouse.failAfterInsert(1 + Math.floor(random() * 4), how)
    await sleep(1000)
  },
  async warehouse_hangs(world) {
    world.warehouse.pause()
    await sleep(5000)
    world.warehouse.resume()
  },
  async chunk_kills_translator(world) {
    world.feedText(`Hello. ${poison} (${world.translator.stats.calls})`)
  },
  async translator_down(world) {
    world.translator.setDown(true)
    await sleep(3000)
    world.translator.setDown(false)
  },
  async poison_bytes(world, random) {
    const producer = rawClient(world).producer()
    await producer.connect()
    const admin = rawClient(world).admin()
    await admin.connect()
    const { topics } = await admin.fetchTopicMetadata()
    await admin.disconnect()
    for (const { name: topic, partitions } of topics.filter(({ name }) => name.startsWith('faults.'))) {
      const value = Buffer.from(Array.from({ length: 40 }, () => Math.floor(random() * 256)))
      // A message needs no ordinal: with an index and a count it would be one, that cannot be read.
      const headers = topic === 'faults.messages' || random() < 0.5 ? {} : { ordinal: 'x', index: '0', count: '1' }
      await producer.send({
        topic,
        messages: [{ key: 'noise', value, headers, partition: Math.floor(random() * partitions.length) }],
      })
    }
    await producer.disconnect()
  },
  async group_deleted(world, random) {
    const stage = pick(['chunk', 'score', 'rank'], random)
    const group = { chunk: 'chunk.lines25', score: 'score.a', rank: 'rank.release' }[stage]
    const admin = rawClient(world).admin()
    await admin.connect()
    const services = world.services.of(stage)
    for (const { child } of services) child.kill('SIGSTOP')
    // Dead to the group after their sessions; they wake as zombies of a group that is not there any more.
    await sleep((sessionSeconds + 2) * 1000)
    await admin.deleteGroups([`faults.${group}.g1`]).catch(() => undefined)
    for (const { child } of services) child.kill('SIGCONT')
    await admin.disconnect()
  },
  after_read: dieAt('after_read'),
  before_call: dieAt('before_call'),
  after_call: dieAt('after_call'),
  before_send: dieAt('before_send'),
  between_send_and_offsets: dieAt('between_send_and_offsets'),
  before_end: dieAt('before_end'),
  after_end: dieAt('after_end'),
  during_rebalance: dieAt('during_rebalance'),
  during_fencing: dieAt('during_fencing'),
}
