import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { compareTopics } from '../../../dataflow/kafka/compare-topics.ts'
import type { Log } from '../../../dataflow/log.ts'
import type { LogEvent } from '../../../dataflow/log-events.ts'
import { freshName, joinByHand } from '../../contract/log/bench.ts'
import { describeKafka } from '../../kafka/describe-kafka.ts'
import { type FaultProxy, faultProxy } from '../../kafka/fault-proxy.ts'
import { client } from '../../kafka/records.ts'
import { type KafkaCluster, startKafka } from '../../kafka/start-kafka.ts'
import { testLog } from './test-log.ts'

const user = {
  KALAM_KAFKA_SASL_MECHANISM: 'plain',
  KALAM_KAFKA_SASL_USERNAME: 'guest',
  KALAM_KAFKA_SASL_PASSWORD: 'guest-word',
}

describeKafka('a broker with users', () => {
  let kafka: KafkaCluster
  let proxy: FaultProxy
  const logs: Log[] = []
  const events: LogEvent[] = []
  beforeAll(async () => {
    // Whoever comes by the first listener may do everything, and users of the second nothing.
    kafka = await startKafka({
      settings: {
        'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXY:SASL_PLAINTEXT',
        'sasl.enabled.mechanisms': 'PLAIN',
        'listener.name.proxy.plain.sasl.jaas.config':
          'org.apache.kafka.common.security.plain.PlainLoginModule required user_guest="guest-word";',
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS',
      },
    })
    const { proxyPort, advertisedPort } = kafka.nodes[0]!
    proxy = await faultProxy(proxyPort, advertisedPort)
  })
  afterEach(async () => {
    await Promise.all(logs.splice(0).map((log) => log.close()))
  })
  afterAll(async () => {
    await proxy?.close()
    await kafka?.stop()
  })
  const open = async (brokers: string[], env: Record<string, string>) => {
    const log = await testLog({ brokers, env, onEvent: (event) => events.push(event) })
    logs.push(log)
    return log
  }
  const asGuest = (env: Record<string, string> = {}) => open([`127.0.0.1:${proxy.port}`], { ...user, ...env })

  it('says that an address knows no users', async () => {
    const log = await open(kafka.brokers, user)
    await expect(log.topics()).rejects.toMatchObject({
      ...{ code: 'config_invalid', retryable: false },
      message: expect.stringContaining('ILLEGAL_SASL_STATE'),
      hint: expect.stringMatching(/KALAM_KAFKA_SASL_MECHANISM.*log\.kafka\.brokers/),
    })
  })

  it('says that it does not know a mechanism', async () => {
    const log = await asGuest({ KALAM_KAFKA_SASL_MECHANISM: 'scram-sha-512' })
    await expect(log.topics()).rejects.toMatchObject({
      ...{ code: 'config_invalid', retryable: false },
      message: expect.stringContaining('KALAM_KAFKA_SASL_MECHANISM'),
    })
  })

  it('says that it does not know a password', async () => {
    const log = await asGuest({ KALAM_KAFKA_SASL_PASSWORD: 'other' })
    await expect(log.topics()).rejects.toMatchObject({
      ...{ code: 'no_permission', retryable: false },
      hint: expect.stringContaining('KALAM_KAFKA_SASL_PASSWORD'),
    })
  })

  it('says that a user has no right to make topics', async () => {
    const log = await asGuest()
    await expect(log.createTopics([{ topic: freshName('topic'), partitions: 1 }])).rejects.toMatchObject({
      ...{ code: 'no_permission', retryable: false },
      message: expect.stringContaining('TOPIC_AUTHORIZATION_FAILED'),
      hint: expect.stringContaining('docs/deploy.md'),
    })
  })

  it('says which topic it refuses for another reason', async () => {
    const topic = `${freshName('topic')}.${'x'.repeat(300)}`
    const log = await open(kafka.brokers, {})
    await expect(log.createTopics([{ topic, partitions: 1 }])).rejects.toMatchObject({
      ...{ code: 'log_broken', retryable: false },
      message: expect.stringContaining(`creating topic ${topic}: the brokers refuse it (INVALID_TOPIC_EXCEPTION)`),
    })
  })

  it('names the missing right as a reason that nobody keeps a group', async () => {
    const log = await asGuest()
    void log.writer(freshName('writer')).catch(() => undefined)
    await expect
      .poll(() => events.map(({ message }) => message).join('\n'), { timeout: 10_000 })
      .toMatch(/opening writer .*right Describe.*docs\/deploy\.md/)
  })

  it('lets a user who sees topics alone compare their partitions, and join no group', async () => {
    const topic = freshName('topic')
    await (await open(kafka.brokers, {})).createTopics([{ topic, partitions: 1 }])
    const admin = client(kafka.brokers).admin()
    await admin.connect()
    const of = { resourceType: AclResourceTypes.TOPIC, resourceName: topic, principal: 'User:guest', host: '*' }
    const given = { operation: AclOperationTypes.DESCRIBE, permissionType: AclPermissionTypes.ALLOW }
    await admin.createAcls({ acl: [{ ...of, ...given, resourcePatternType: ResourcePatternTypes.LITERAL }] })
    await admin.disconnect()
    const brokers = [`127.0.0.1:${proxy.port}`]
    const cluster = { brokers, env: user, sessionTimeoutMs: 3000, replication: 1, minInsync: 1, maxMessageBytes: 1000 }
    const text = 'it has 1 partition, and 2 are written to'
    await expect
      .poll(() => compareTopics(cluster, [{ topic, partitions: 2 }]), { timeout: 10_000 })
      .toEqual({ isBlind: true, differences: [{ topic, text, isHarmful: true }] })
    const { membership } = await joinByHand(await asGuest(), { inputs: [topic] })
    await expect(membership.done).rejects.toMatchObject({
      code: 'log_unavailable',
      message: expect.stringMatching(/^joining .*lacks the right Describe on the group/),
    })
  })
})
