import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import { brokerSettings, type ClusterPlan, type NodePlan } from './broker-settings.ts'
import { javaProgram } from './java.ts'
import { type JavaProcess, javaProcess } from './java-process.ts'
import { brokerLibraries, fetched } from './libraries.ts'
import type { Watchdog } from './watchdog.ts'

/** A broker that can be made to fail. */
export interface KafkaNode extends JavaProcess {
  id: number
  /** Host and port for clients. */
  address: string
  /** Where a fault proxy has to send what it gets. */
  proxyPort: number
  /** Where a fault proxy has to listen: clients that come through one are told this port. */
  advertisedPort: number
  logFile: string
}

const flags = ['-Xmx512m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']
const logging = [
  ...['defaultLogLevel=warn', 'showDateTime=true', 'dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS'],
  // It tells there which partitions get no marker at the end of a transaction.
  'log.org.apache.kafka.coordinator.transaction=info',
  'log.kafka.coordinator.transaction=info',
]

/** A node of a planned cluster, its folder made and formatted, not started. */
export const kafkaNode = async (
  plan: ClusterPlan,
  node: NodePlan,
  clusterId: string,
  watchdog?: Watchdog,
): Promise<KafkaNode> => {
  const classPath = join(await fetched(brokerLibraries), '*')
  const java = [...flags, ...plan.java, ...logging.map((line) => `-Dorg.slf4j.simpleLogger.${line}`), '-cp', classPath]
  const settings = join(node.folder, 'server.properties')
  mkdirSync(node.folder, { recursive: true })
  writeFileSync(settings, brokerSettings(node, plan))
  if (!existsSync(join(node.folder, 'data/meta.properties')))
    await promisify(execFile)(javaProgram(), [
      ...java,
      'kafka.tools.StorageTool',
      'format',
      '-t',
      clusterId,
      '-c',
      settings,
    ])
  const address = `127.0.0.1:${node.port}`
  const logFile = join(node.folder, 'broker.log')
  const isReady = async () => (await knownNodes(address)).includes(node.id)
  const server = javaProcess({
    name: `broker ${node.id}`,
    args: [...java, 'kafka.Kafka', settings],
    logFile,
    isReady,
    watchdog,
  })
  const { id, proxyPort, advertisedPort } = node
  return Object.assign(server, { id, address, proxyPort, advertisedPort, logFile })
}

/** Ids of the brokers that serve, as the one at an address knows them; none if it does not answer. */
export const knownNodes = async (address: string): Promise<number[]> => {
  const kafka = new Kafka({
    brokers: [address],
    connectionTimeout: 2_000,
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  })
  const admin = kafka.admin()
  try {
    await admin.connect()
    await admin.listTopics()
    return (await admin.describeCluster()).brokers.map(({ nodeId }) => nodeId)
  } catch {
    return []
  } finally {
    await admin.disconnect()
  }
}
