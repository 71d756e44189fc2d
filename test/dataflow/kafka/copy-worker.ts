import { kafkaLog } from '../../../dataflow/kafka/kafka-log.ts'
import { copying } from './copying-task.ts'

/** What a worker is told, as JSON in its one argument. */
export interface CopyWorkerOptions {
  brokers: string[]
  group: string
  input: string
  output: string
  sessionTimeoutMs: number
  memberFolder?: string
}

const options = JSON.parse(process.argv[2] ?? '') as CopyWorkerOptions
const log = kafkaLog({
  ...options,
  ...{ replication: 1, minInsync: 1, maxMessageBytes: 2 ** 20, env: {} },
  onEvent: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
})
// It has to end by itself when nothing is left open.
process.once('SIGTERM', () => void log.close())
const { group, input, output } = options
await (await log.join(copying(group, input, output))).done
