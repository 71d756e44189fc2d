import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterPlan, NodePlan } from './broker-settings.ts'
import { freePorts } from './free-ports.ts'
import { type KafkaNode, kafkaNode, knownNodes } from './kafka-node.ts'
import type { Watchdog } from './watchdog.ts'

/** Brokers on loopback. */
export interface KafkaCluster {
  /** Addresses for clients. */
  brokers: string[]
  /** Addresses for clients that come through fault proxies; see `advertisedPort` of the nodes. */
  proxiedBrokers: string[]
  nodes: KafkaNode[]
  folder: string
  /** Kills the brokers, or ends them in order, and removes their data unless the folder was given. */
  stop(options?: { inOrder?: boolean }): Promise<void>
}

/** Starts the brokers of a plan and waits until each knows all; without a watchdog they outlive this process. */
export const startCluster = async (plan: ClusterPlan, folder: string, dog?: Watchdog): Promise<KafkaCluster> => {
  const id = clusterId(folder)
  const nodes = await Promise.all(plan.nodes.map((node) => kafkaNode(plan, node, id, dog)))
  try {
    const started = await Promise.allSettled(nodes.map((node) => node.start()))
    for (const one of started) if (one.status === 'rejected') throw one.reason
    await untilAllKnown(nodes)
  } catch (cause) {
    await Promise.all(nodes.map((node) => node.kill()))
    throw cause
  }
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

/** Nodes on free ports with folders of their own below one. */
export const planNodes = async (folder: string, count: number): Promise<NodePlan[]> => {
  const ports = await freePorts(count * 4)
  return Array.from({ length: count }, (_, i) => {
    const [port = 0, controllerPort = 0, proxyPort = 0, advertisedPort = 0] = ports.slice(i * 4)
    return { id: i + 1, folder: join(folder, `node-${i + 1}`), port, controllerPort, proxyPort, advertisedPort }
  })
}

const untilAllKnown = async (nodes: KafkaNode[]): Promise<void> => {
  const deadline = Date.now() + 60_000
  for (const { address, id } of nodes) {
    while ((await knownNodes(address)).length < nodes.length) {
      if (Date.now() > deadline)
        throw new Error(`starting ${nodes.length} brokers: broker ${id} does not know all after 60 s`)
      await sleep(50)
    }
  }
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
