import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startKafka } from '../../test/kafka/start-kafka.ts'
import { startRegistry } from '../../test/kafka/start-registry.ts'
import { startKalam } from '../../test/system/kalam.ts'

/** A broker and a registry that the parts of a bench share. */
export interface Installation {
  brokers: string[]
  registry: string
  stop(): Promise<void>
}

/** Starts a broker whose Java compiles as it does in production, and a registry. */
export const startInstallation = async (): Promise<Installation> => {
  const [cluster, registry] = await Promise.all([startKafka({ isFast: true }), startRegistry()])
  return {
    brokers: cluster.brokers,
    registry: registry.url,
    stop: async () => {
      await Promise.all([cluster.stop(), registry.stop()])
    },
  }
}

let named = 0

/**
 * Writes pipeline.yaml into a folder: the embedded pipeline that is given, under a name of its own on the cluster, with its
 * topics made. Returns the file's path.
 */
export const onKafka = async (
  { brokers, registry }: Installation,
  folder: string,
  yaml: string,
  sessionSeconds = 15,
): Promise<string> => {
  const name = `bench-${process.pid}-${++named}`
  const log = `{ kafka: { brokers: [${brokers}], registry: "${registry}", replication: 1, min_insync: 1, session_timeout_s: ${sessionSeconds} } }`
  const file = join(folder, 'pipeline.yaml')
  const settings = `pipeline: ${name}\nstate: .${name}\nout: out-${name}\nlog: ${log}`
  writeFileSync(file, yaml.replace(/^pipeline: .*$/m, settings))
  const { code, err } = await startKalam(folder, ['topics', 'create']).ended
  if (code !== 0) throw new Error(`making topics: ${err}`)
  return file
}
