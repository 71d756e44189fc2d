import { fileURLToPath } from 'node:url'
import type { BareResult } from '../bare-functions.ts'
import { compiledMain } from '../compiled-main.ts'
import { type Measured, measuredProcess } from '../measured-process.ts'
import { benchFolder, pipelineYaml } from '../workspace.ts'
import type { BareKafka } from './bare-kafka.ts'
import { type Installation, onKafka } from './installation.ts'
import type { Sizes } from './sizes.ts'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const node = async (at: string, name: string) => [process.execPath, await compiledMain(at, name)]
const run = [path('../../bin/kalam.js'), 'run']

/**
 * `kalam run` on Kafka in one process beside the embedded one over the same data, and beside kafkajs that only writes and
 * reads the same records.
 */
export async function* flow(installation: Installation, { copies }: Sizes): AsyncGenerator<string> {
  const folder = benchFolder(copies)
  try {
    const { out } = await measuredProcess([...(await node('.', 'bare-main')), folder.path], folder.path, 'all')
    const { tokens, conversations } = JSON.parse(out) as BareResult
    yield `data              ${conversations} conversations, ${tokens.toLocaleString('en')} winner tokens, 2 candidates`
    const took = ({ seconds, cpuSeconds }: Pick<Measured, 'seconds' | 'cpuSeconds'>) =>
      `${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} CPU s, ${Math.round(tokens / seconds).toLocaleString('en')} winner tokens/s`
    const embedded = await measuredProcess(run, folder.path, 'all')
    yield `embedded run      ${took(embedded)}`
    const file = await onKafka(installation, folder.path, pipelineYaml)
    const onCluster = await measuredProcess(run, folder.path, 'all')
    yield `run on Kafka      ${took(onCluster)}`
    const bareRun = await measuredProcess([...(await node('kafka', 'bare-kafka-main')), file], folder.path, 'all')
    const bare = JSON.parse(bareRun.out) as BareKafka
    yield `bare kafkajs      ${took(bare)}; ${bare.records} records, ${(bare.bytes / 1e6).toFixed(1)} MB`
    const ratio = (than: { seconds: number; cpuSeconds: number }) =>
      `${(than.seconds / onCluster.seconds).toFixed(2)} (by CPU time ${(than.cpuSeconds / onCluster.cpuSeconds).toFixed(2)}; aim 0.3)`
    yield `Kafka / embedded  ${ratio(embedded)}`
    yield `Kafka / kafkajs   ${ratio(bare)}`
  } finally {
    folder.remove()
  }
}
