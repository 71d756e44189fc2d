import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'
import { brokerLibraries, registryLibraries, whyUnavailable } from './libraries.ts'
import type { SharedKafkaAnswer } from './shared-kafka.ts'
import type { KafkaCluster } from './start-kafka.ts'

/** Starts the run's broker when a test file asks for it, says in a line when there can be none, and stops it at the end. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  let starting: Promise<KafkaCluster> | undefined
  const start = async () => {
    const { startKafka } = await import('./start-kafka.ts')
    return startKafka()
  }
  const server = createServer((_, response) => {
    starting ??= start()
    const send = (answer: SharedKafkaAnswer) => response.end(JSON.stringify(answer))
    starting.then(
      ({ brokers }) => send({ brokers }),
      (error: unknown) => send({ error: String(error) }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  project.provide('kafka', { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ...problems() })
  return async () => {
    server.close()
    server.closeAllConnections()
    const cluster = await starting?.catch(() => undefined)
    await cluster?.stop()
  }
}

const problems = () => {
  // Where tests must not be left out, they fail with what is missing instead.
  if (!['', '0', 'false'].includes(process.env.CI ?? '')) return { brokerProblem: '', registryProblem: '' }
  const brokerProblem = whyUnavailable(brokerLibraries)
  const registryProblem = whyUnavailable(registryLibraries)
  const problem = brokerProblem || registryProblem
  if (problem) process.stderr.write(`Tests with Kafka are left out: ${problem}\n`)
  return { brokerProblem, registryProblem }
}
