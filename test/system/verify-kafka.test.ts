import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeKafka, describeRegistry } from '../kafka/describe-kafka.ts'
import { client } from '../kafka/records.ts'
import { sharedKafka } from '../kafka/shared-kafka.ts'
import { type Registry, startRegistry } from '../kafka/start-registry.ts'
import { kalam, workFolder } from './kalam.ts'

const longMs = 400_000
const rows = Array.from({ length: 40 }, (_, i) => ({ messages: [{ role: 'user', content: `The number ${i}` }] }))
const name = `verify-${randomBytes(4).toString('hex')}`
const pipeline = (state: string, log = '') => `
pipeline: ${name}
partitions: 2
state: .state-${state}
out: out-${state}
sources: [{ name: talk, path: data.jsonl }]
chunkings: { all: { by: tokens } }
translators: { fake: { backend: pseudo, chunking: all } }
rankings: { release: { candidates: [fake] } }
${log}`

describeKafka('a pipeline on Kafka', { timeout: longMs }, () => {
  describeRegistry('seen from outside', () => {
    const folder = workFolder({
      'data.jsonl': `${rows.map((row) => JSON.stringify(row)).join('\n')}\n{\n`,
      'embedded.yaml': pipeline('embedded'),
    })
    let registry: Registry
    let brokers: string[]
    beforeAll(async () => {
      ;[registry, brokers] = await Promise.all([startRegistry(), sharedKafka()])
      const kafka = JSON.stringify({ brokers, registry: registry.url, replication: 1, min_insync: 1 })
      writeFileSync(join(folder.path, 'kafka.yaml'), pipeline('kafka', `log: { kafka: ${kafka} }\n`))
      for (const args of [
        ['topics', 'create', '-p', 'kafka.yaml'],
        ['run', 'kafka.yaml'],
        ['run', 'embedded.yaml'],
      ]) {
        const { code, err } = await kalam(folder.path, ...args)
        expect(code, err).toBe(0)
      }
    }, longMs)
    afterAll(async () => {
      await registry?.stop()
      folder.remove()
    })

    const equal = ['messages', 'chunks.all', 'translations.fake', 'scored.fake', 'ranked.release', 'dead_letters']
      .map((title) => `equal   ${title} (${title === 'dead_letters' ? 1 : 40} compared)\n`)
      .join('')

    it.each([
      ['embedded', 'kafka'],
      ['kafka', 'embedded'],
    ])('is equal to the same on the embedded log, asked from the %s one', async (here, there) => {
      const { code, out, err } = await kalam(folder.path, 'verify', '-p', `${here}.yaml`, '--compare', `${there}.yaml`)
      expect([code, out, err]).toEqual([0, expect.stringContaining(equal), ''])
    })

    it('has a transaction that hangs told, where and with what behind it', async () => {
      const calm = await kalam(folder.path, 'verify', '-p', 'kafka.yaml')
      expect(calm.out).toMatch(/ok {6}no transaction hangs \(8 looked at\)/)
      expect([calm.code, calm.out]).toEqual([0, expect.not.stringContaining('BROKEN')])
      const producer = client(brokers).producer({ transactionalId: `${name}-hangs`, transactionTimeout: 600_000 })
      await producer.connect()
      const transaction = await producer.transaction()
      const topic = `${name}.translations.fake`
      await transaction.send({ topic, messages: [1, 2].map((n) => ({ partition: 1, key: 'k', value: `open ${n}` })) })
      const broken = await kalam(folder.path, 'verify', '-p', 'kafka.yaml')
      expect(broken.out).toMatch(
        /BROKEN {2}no transaction hangs.*\n +verify-\w+\.translations\.fake, partition 1: one is open at offset \d+, with 2 behind it\n/,
      )
      expect(broken.out.match(/BROKEN/g)).toHaveLength(1)
      expect(broken.code).toBe(1)
      await transaction.abort()
      await producer.disconnect()
      const { out } = await kalam(folder.path, 'verify', '-p', 'kafka.yaml')
      expect(out).toContain('ok      no transaction hangs')
    })
  })
})
