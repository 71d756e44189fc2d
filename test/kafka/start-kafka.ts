import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterPlan } from './broker-settings.ts'
import { freePorts } from './free-ports.ts'
import { type KafkaNode, kafkaNode, knownNodes } from './kafka-node.ts'
import { type Watchdog, watchdog } from './watchdog.ts'

/** What kind of cluster a test wants. */
export interface KafkaOptions {
  /** One by default; of three, two have to have a record before it is acknowledged. */
  nodes?: number
  /** Where data and logs go, which stay there; by default a temporary folder that goes with the cluster. */
  folder?: string
  /** Replaces or adds lines of server.properties. */
  settings?: Record<string, string>
}

/** Brokers on loopback. */
export interface KafkaCluster {
  /** Addresses for clients. */
  brokers: string[]
  /** Addresses for clients that come through fault proxies; see `advertisedPort` of the nodes. */
  proxiedBrokers: string[]
  nodes: KafkaNode[]
  folder: string
  /** Kills the brokers and, unless the folder was given, removes their data; with `inOrder` a given folder is left clean. */
  stop(options?: { inOrder?: boolean }): Promise<void>
}

/** Starts brokers of a test's own, which end with `stop` or with this process. */
export const startKafka = async ({ nodes = 1, folder, settings = {} }: KafkaOptions = {}): Promise<KafkaCluster> => {
  const path = folder ?? mkdtempSync(join(tmpdir(), 'kalam-kafka-'))
  const dog = watchdog(folder === undefined ? path : undefined)
  try {
    return await startCluster({ nodes: await planNodes(path, nodes), settings }, path, dog)
  } catch (cause) {
    await dog.end()
    throw cause
  }
}

/** Starts the brokers of a plan and waits until each knows all; without a watchdog they outlive this process. */
export const startCluster = async (plan: ClusterPlan, folder: string, dog?: Watchdog): Promise<KafkaCluster> => {
  const id = clusterId(folder)
  const nodes = await Promise.all(plan.nodes.map((node) => kafkaNode(plan, node, id, dog)))
  const started = await Promise.allSettled(nodes.map((node) => node.start()))
  const failed = started.find((one) => one.status === 'rejected')
  if (failed) {
    await Promise.all(nodes.map((node) => node.kill()))
    throw failed.reason
  }
  for (const { address } of nodes) while ((await knownNodes(address)).length < nodes.length) await sleep(50)
  return {
    brokers: nodes.map(({ address }) => address),
    proxiedBrokers: nodes.map(({ advertisedPort }) => `127.0.0.1:${advertisedPort}`),
    nodes,
    folder,
    async stop({ inOrder = false } = {}) {
      await Promise.all(nodes.map((node) => (inOrder ? node.stop() : node.kill())))
      await dog?.end()
    },
  }
}

const planNodes = async (folder: string, count: number) => {
  const ports = await freePorts(count * 4)
  return Array.from({ length: count }, (_, i) => {
    const [port = 0, controllerPort = 0, proxyPort = 0, advertisedPort = 0] = ports.slice(i * 4)
    return { id: i + 1, folder: join(folder, `node-${i + 1}`), port, controllerPort, proxyPort, advertisedPort }
  })
}

/** Made once per folder. */
const clusterId = (folder: string): string => {
  const file = join(folder, 'cluster-id')
  mkdirSync(folder, { recursive: true })
  if (!existsSync(file)) {
    const id = randomBytes(16)
    // A hyphen as its first letter would make it look like an option.
    id[0]! &= 0x7f
    writeFileSync(file, id.toString('base64url'))
  }
  return readFileSync(file, 'utf8')
}
