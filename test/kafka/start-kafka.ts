import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { classArchive } from './class-archive.ts'
import { type KafkaCluster, planNodes, startCluster } from './cluster.ts'
import { watchdog } from './watchdog.ts'

export type { KafkaCluster }

/** What kind of cluster a test wants. */
export interface KafkaOptions {
  /** One by default; of three, two have to have a record before it is acknowledged. */
  nodes?: number
  /** Where data and logs go, which stay there; by default a temporary folder that goes with the cluster. */
  folder?: string
  /** Replaces or adds lines of server.properties. */
  settings?: Record<string, string>
  /** Whether Java compiles as it does in production: for benches; a test would only wait longer. */
  isFast?: boolean
}

/** Starts brokers of a test's own, which end with `stop` or with this process. */
export const startKafka = async (options: KafkaOptions = {}): Promise<KafkaCluster> => {
  const { nodes = 1, folder, settings = {}, isFast = false } = options
  const java = await classArchive()
  // The last of two settings counts.
  if (isFast) java.push('-Xmx1g', '-XX:TieredStopAtLevel=4')
  const path = folder ?? mkdtempSync(join(tmpdir(), 'kalam-kafka-'))
  const dog = watchdog(folder === undefined ? path : undefined)
  try {
    return await startCluster({ nodes: await planNodes(path, nodes), settings, java }, path, dog)
  } catch (cause) {
    await dog.end()
    throw cause
  }
}
