import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { avroCodec } from '../../../dataflow/codec.ts'
import { embeddedLog } from '../../../dataflow/embedded/embedded-log.ts'
import { localRegistry } from '../../../dataflow/embedded/local-registry.ts'
import { paidCounter } from '../../../services/translate/count-paid.ts'
import { lmdbMemory } from '../../../services/translate/lmdb-memory.ts'
import { noUsage } from '../../../services/translate/translator.ts'
import { workFolder } from '../../system/kalam.ts'
import { translation } from '../land/records.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

const calm = new AbortController().signal
const topic = 'p.translations.model'
/** A log with translations of two attempts each, which took 0.25 dollars and 5 tokens each, and a memory beside it. */
const setUp = async () => {
  const folder = workFolder()
  const log = embeddedLog({ folder: join(folder.path, 'log') })
  const memory = lmdbMemory({ folder: join(folder.path, 'memory') })
  open.push(
    () => folder.remove(),
    () => memory.close(),
    () => log.close(),
  )
  await log.createTopics([{ topic, partitions: 2 }])
  const codec = await avroCodec(localRegistry({ file: join(folder.path, 'schemas.json') }))
  const writer = await log.writer('test')
  const write = (partition: number, ...attempts: { from_memory?: boolean; at_ms?: number }[]) => {
    const body = translation(0, 0)
    const [attempt] = body.attempts
    const value = codec.encode('Translation', { ...body, attempts: attempts.map((more) => ({ ...attempt!, ...more })) })
    return writer.commit([{ topic, partition, key: 'k', value, headers: {}, timestamp: 0 }])
  }
  const writeBroken = () =>
    writer.commit([{ topic, partition: 0, key: 'k', value: Buffer.from('no record'), headers: {}, timestamp: 0 }])
  const { ledger } = memory
  const counter = paidCounter({ log, codec }, topic, { ledger, account: 'model' })
  const count = (signal = calm) => counter(signal)
  return { memory, write, writeBroken, count, spent: () => ledger.account('model').spent }
}

it('books what the records of all partitions tell was paid, once', async () => {
  const { write, writeBroken, count, spent } = await setUp()
  await write(0, {}, {})
  await writeBroken()
  await write(1, {}, { from_memory: true }, { at_ms: 0 })
  await Promise.all([count(), count()])
  expect(spent()).toEqual({ nano: 750_000_000, tokens: 15, calls: 3 })
  await write(1, {})
  await count()
  await count()
  expect(spent()).toEqual({ nano: 1_000_000_000, tokens: 20, calls: 4 })
})

it('changes nothing where the ledger has it all, and adds what another machine paid', async () => {
  const { memory, write, count, spent } = await setUp()
  const pay = (key: string) =>
    memory.put([
      {
        key,
        answer: { text: 'نص', usage: noUsage },
        bill: { account: 'model', spending: { nano: 250_000_000, tokens: 5, calls: 1 } },
      },
    ])
  for (const key of ['aa', 'bb', 'cc']) await pay(key)
  await write(0, {}, {})
  await count()
  expect(spent()).toEqual({ nano: 750_000_000, tokens: 15, calls: 3 })
  // Three more elsewhere, of which two were known to nobody here.
  await write(1, {}, {}, {})
  await count()
  expect(spent()).toEqual({ nano: 1_250_000_000, tokens: 25, calls: 5 })
  await pay('dd')
  expect(spent()).toMatchObject({ calls: 6 })
})

it('counts nothing for a task that stops, and all for the next', async () => {
  const { write, count, spent } = await setUp()
  await write(0, {}, {})
  const stop = new AbortController()
  const stopped = count(stop.signal)
  stop.abort()
  await expect(stopped).rejects.toBe(stop.signal.reason)
  expect(spent()).toMatchObject({ calls: 0 })
  await count()
  expect(spent()).toMatchObject({ calls: 2 })
})
