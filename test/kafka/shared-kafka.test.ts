import { beforeAll, expect, it } from 'vitest'
import { describeKafka } from './describe-kafka.ts'
import { consume, newTopic, produce } from './records.ts'
import { sharedKafka } from './shared-kafka.ts'

describeKafka('the broker of a test run', () => {
  let brokers: string[]
  beforeAll(async () => {
    brokers = await sharedKafka()
  })

  it('is the same for all who ask', async () => {
    expect(await Promise.all([sharedKafka(), sharedKafka()])).toEqual([brokers, brokers])
  })

  it('takes records', async () => {
    const topic = await newTopic(brokers)
    await produce(brokers, topic, ['one', 'two'])
    expect(await consume(brokers, topic, 2)).toEqual(['one', 'two'])
  })
})
