import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { kafkaClients } from '../../../dataflow/kafka/client.ts'
import { clusterOf } from '../../../dataflow/kafka/kafkajs-internals.ts'
import { describeKafka } from '../../kafka/describe-kafka.ts'
import { startKafka } from '../../kafka/start-kafka.ts'

describeKafka('a connection to a broker that went away', () => {
  it('is closed again and again without a warning of Node', async () => {
    const warnings: string[] = []
    const note = ({ message }: Error) => void warnings.push(message)
    process.on('warning', note)
    onTestFinished(() => void process.off('warning', note))
    const kafka = await startKafka()
    onTestFinished(() => kafka.stop())
    const { asking } = kafkaClients({ brokers: kafka.brokers, sessionTimeoutMs: 3000, env: {} })
    const cluster = clusterOf(asking, { metadataMaxAgeMs: 60_000 })
    await cluster.connect()
    await cluster.refreshMetadata()
    await kafka.nodes[0]!.kill()
    for (let i = 0; i < 20; i++) await cluster.disconnect()
    await sleep(100)
    expect(warnings).toEqual([])
  }, 120_000)
})
