/** One node of a cluster: broker and controller in one process. */
export interface NodePlan {
  id: number
  /** Where its data, settings and log are. */
  folder: string
  /** For clients and the other brokers. */
  port: number
  controllerPort: number
  /** For clients that come through a fault proxy. */
  proxyPort: number
  /** The port that clients on `proxyPort` are told to connect to: where a fault proxy may listen. */
  advertisedPort: number
}

/** All nodes of a cluster, the first one's id being 1. */
export interface ClusterPlan {
  nodes: NodePlan[]
  /** Replaces or adds lines of server.properties. */
  settings: Record<string, string>
  /** Further arguments of Java. */
  java: string[]
}

/** The largest batch of records that the brokers take, in bytes: 32 MiB and room for what is around it. */
export const largestBatchBytes = 36 * 1024 * 1024

/** The text of a node's server.properties. */
export const brokerSettings = (node: NodePlan, { nodes, settings }: ClusterPlan): string => {
  const on = (port: number) => `127.0.0.1:${port}`
  const lines = {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': nodes.map(({ id, controllerPort }) => `${id}@${on(controllerPort)}`).join(','),
    listeners: `PLAINTEXT://${on(node.port)},PROXY://${on(node.proxyPort)},CONTROLLER://${on(node.controllerPort)}`,
    'advertised.listeners': `PLAINTEXT://${on(node.port)},PROXY://${on(node.advertisedPort)}`,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXY:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': `${node.folder}/data`,
    ...replication(nodes.length),
    ...limits,
    ...settings,
  }
  return Object.entries(lines)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

const replication = (nodes: number) => {
  const copies = Math.min(nodes, 3)
  const inSync = Math.max(1, copies - 1)
  return {
    'default.replication.factor': copies,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': copies,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': inSync,
  }
}

const limits = {
  'auto.create.topics.enable': false,
  'message.max.bytes': largestBatchBytes,
  'replica.fetch.max.bytes': largestBatchBytes,
  // Faults are seen within seconds: a dead broker, a dead member of a group, an abandoned transaction.
  'broker.session.timeout.ms': 2_000,
  'broker.heartbeat.interval.ms': 500,
  'group.min.session.timeout.ms': 1_000,
  'group.initial.rebalance.delay.ms': 0,
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': 500,
  // A test needs little room.
  'log.index.size.max.bytes': 1_048_576,
  'log.cleaner.dedupe.buffer.size': 16_777_216,
  'num.network.threads': 2,
  'num.io.threads': 4,
  'background.threads': 2,
}
