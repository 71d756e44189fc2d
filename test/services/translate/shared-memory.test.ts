import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clickhouseWarehouse } from '../../../services/land/clickhouse-warehouse.ts'
import { lmdbMemory } from '../../../services/translate/lmdb-memory.ts'
import { tieredMemory } from '../../../services/translate/tiered-memory.ts'
import { noUsage } from '../../../services/translate/translator.ts'
import { answerOf, memoryContract } from '../../contract/memory.ts'
import { workFolder } from '../../system/kalam.ts'
import { startWarehouse, type TestWarehouse } from '../../warehouse/start-warehouse.ts'
import { sharedAt } from './shared-at.ts'

let server: TestWarehouse
const folders: ReturnType<typeof workFolder>[] = []
beforeAll(async () => {
  server = await startWarehouse()
}, 60_000)
afterAll(async () => {
  for (const folder of folders) folder.remove()
  await server?.close()
})
const newDatabase = () => `m${randomUUID().replaceAll('-', '')}`
const newFolder = () => {
  const folder = workFolder()
  folders.push(folder)
  return folder.path
}
const tieredAt = (folder: string, database: string, waits: string[] = []) =>
  tieredMemory(lmdbMemory({ folder }), sharedAt(server.url, database, waits))

memoryContract('the memory that is shared', async () => {
  const database = newDatabase()
  return { open: async () => sharedAt(server.url, database), close: async () => {} }
})
memoryContract('a memory before a shared one', async () => {
  const [database, folder] = [newDatabase(), newFolder()]
  return { open: async () => tieredAt(folder, database), close: async () => {} }
})

describe('the shared memory', () => {
  it('asks once for all keys of a moment, and inserts once', async () => {
    const memory = sharedAt(server.url, newDatabase())
    await memory.get(['warm'])
    const before = await server.stats()
    const keys = Array.from({ length: 300 }, (_, i) => `key ${i}`)
    await Promise.all(keys.map((key) => memory.put([{ key, answer: answerOf(key) }])))
    const [between] = [await server.stats()]
    expect(between.inserts - before.inserts).toBe(1)
    expect(between.queries - before.queries).toBe(1)
    await Promise.all(keys.map((key) => memory.get([key])))
    expect((await server.stats()).queries - between.queries).toBe(1)
    await memory.close()
  })

  it('lets the earliest answer win, before tables are merged and after', async () => {
    const database = newDatabase()
    const [one, other] = [sharedAt(server.url, database), sharedAt(server.url, database)]
    await one.put([{ key: 'a', answer: answerOf('first') }])
    expect(await other.put([{ key: 'a', answer: answerOf('second') }])).toEqual([answerOf('first')])
    const client = clickhouseWarehouse({ url: server.url, database })
    const rows = () => client.query<{ n: number }>('SELECT count() AS n FROM translation_memory')
    expect(await rows()).toEqual([{ n: 2 }])
    await client.command('OPTIMIZE TABLE translation_memory FINAL')
    expect(await rows()).toEqual([{ n: 1 }])
    expect(await other.get(['a'])).toEqual([answerOf('first')])
    await Promise.all([one.close(), other.close(), client.close()])
  })

  it('takes rows that are no answers for none, tells them once, and is healed by whoever asks anew', async () => {
    const [database, folder, waits] = [newDatabase(), newFolder(), [] as string[]]
    const one = sharedAt(server.url, database)
    await one.put([
      { key: 'a', answer: answerOf('first') },
      { key: 'c', answer: answerOf('good') },
    ])
    const client = clickhouseWarehouse({ url: server.url, database })
    await client.command(
      `INSERT INTO translation_memory (key, answer, at) VALUES ('a', '{"text":"x"}', '2020-01-01 00:00:00'), ('b', 'zz{', '2020-01-01 00:00:00')`,
    )
    const memory = tieredAt(folder, database, waits)
    expect(await memory.get(['a', 'b', 'c'])).toEqual([answerOf('first'), undefined, answerOf('good')])
    expect(await memory.get(['b'])).toEqual([undefined])
    expect(waits).toEqual(['answer_unreadable', 'answer_unreadable'])
    const listed = []
    for await (const entries of one.entries()) listed.push(...entries.map(({ key }) => key))
    expect(listed).toEqual(['a', 'c'])
    expect(await memory.put([{ key: 'b', answer: answerOf('anew') }])).toEqual([answerOf('anew')])
    await client.command('OPTIMIZE TABLE translation_memory FINAL')
    expect(await sharedAt(server.url, database).get(['b'])).toEqual([answerOf('anew')])
    expect(await one.remove(['a'])).toBe(1)
    await Promise.all([one.close(), memory.close(), client.close()])
  })

  it.each(['error', 'gateway', 'cut'] as const)(
    'has one answer when an insert is done and answered as failed: %s',
    async (how) => {
      const memory = sharedAt(server.url, newDatabase())
      await memory.get(['warm'])
      await server.failAfterInsert(2, how)
      expect(await memory.put([{ key: 'a', answer: answerOf('text') }])).toEqual([answerOf('text')])
      expect(await memory.count()).toBe(1)
      await memory.close()
    },
  )

  it('gives up where its patience ends, and names its own setting', async () => {
    const memory = sharedAt('http://127.0.0.1:9', newDatabase(), [], 0)
    await expect(memory.get(['a'])).rejects.toMatchObject({
      code: 'warehouse_unavailable',
      message: expect.stringContaining('querying the memory'),
      hint: expect.stringContaining('memory.url'),
    })
    await memory.close()
  })
})

describe('memories with a shared one', () => {
  it('have each other’s answers, and keep them when the shared one is gone', async () => {
    const [database, folder] = [newDatabase(), newFolder()]
    const [one, other] = [tieredAt(newFolder(), database), tieredAt(folder, database)]
    await one.put([{ key: 'a', answer: answerOf('theirs') }])
    expect(await other.get(['a', 'b'])).toEqual([answerOf('theirs'), undefined])
    await Promise.all([one.close(), other.close()])
    const local = lmdbMemory({ folder })
    expect(await local.get(['a'])).toEqual([answerOf('theirs')])
    await local.close()
  })

  it('agree on the earliest answer when both asked for it', async () => {
    const database = newDatabase()
    const [one, other] = [tieredAt(newFolder(), database), tieredAt(newFolder(), database)]
    expect(await Promise.all([one.get(['a']), other.get(['a'])])).toEqual([[undefined], [undefined]])
    await one.put([{ key: 'a', answer: answerOf('first') }])
    expect(await other.put([{ key: 'a', answer: answerOf('second') }])).toEqual([answerOf('first')])
    expect(await other.get(['a'])).toEqual([answerOf('first')])
    await Promise.all([one.close(), other.close()])
  })

  it('keep what they gave up to themselves, and take an answer that others had meanwhile', async () => {
    const [database, folder] = [newDatabase(), newFolder()]
    const [one, other] = [tieredAt(folder, database), tieredAt(newFolder(), database)]
    const failure = { code: 'timeout' as const, message: 'translating: no answer', ofText: false }
    const givenUp = { text: '', usage: noUsage, failure }
    await one.put([{ key: 'theirs', answer: answerOf('theirs') }])
    const puts = ['mine', 'theirs'].map((key) => ({ key, answer: givenUp }))
    expect(await other.put(puts)).toEqual([givenUp, answerOf('theirs')])
    expect(await other.get(['mine', 'theirs'])).toEqual([givenUp, answerOf('theirs')])
    expect([await one.get(['mine']), other.outbox.keys()]).toEqual([[undefined], []])
    await one.put([{ key: 'mine', answer: answerOf('in time') }])
    expect(await other.put([{ key: 'mine', answer: answerOf('too late') }])).toEqual([givenUp])
    await Promise.all([one.close(), other.close()])
  })

  it('book a bill once, here alone', async () => {
    const database = newDatabase()
    const [one, other] = [tieredAt(newFolder(), database), tieredAt(newFolder(), database)]
    const bill = { account: 'gemma3', spending: { nano: 7, tokens: 3, calls: 1 } }
    await one.put([{ key: 'a', answer: answerOf('text'), bill }])
    await other.get(['a'])
    expect([one.ledger.account('gemma3').spent, other.ledger.accounts()]).toEqual([bill.spending, []])
    await Promise.all([one.close(), other.close()])
  })

  it('wait while the server is away, and lose nothing', async () => {
    const [database, waits] = [newDatabase(), [] as string[]]
    const memory = tieredAt(newFolder(), database, waits)
    await memory.put([{ key: 'before', answer: answerOf('before') }])
    await server.kill()
    let isPut = false
    const put = memory.put([{ key: 'during', answer: answerOf('during') }]).finally(() => {
      isPut = true
    })
    const looked = memory.get(['unknown'])
    expect(await memory.get(['before'])).toEqual([answerOf('before')])
    await expect.poll(() => waits.length).toBeGreaterThan(1)
    expect([isPut, new Set(waits)]).toEqual([false, new Set(['warehouse_unavailable'])])
    await server.start()
    expect([await put, await looked]).toEqual([[answerOf('during')], [undefined]])
    const other = sharedAt(server.url, database)
    expect(await other.get(['before', 'during'])).toEqual([answerOf('before'), answerOf('during')])
    await Promise.all([memory.close(), other.close()])
  }, 60_000)

  it('share after a restart what a stop kept from it', async () => {
    const [database, folder] = [newDatabase(), newFolder()]
    const memory = tieredAt(folder, database)
    await memory.get(['warm'])
    await server.kill()
    const put = memory.put([{ key: 'a', answer: answerOf('mine') }])
    const rejected = expect(put).rejects.toMatchObject({ message: expect.stringContaining('closed') })
    await expect.poll(async () => (await memory.entries()[Symbol.asyncIterator]().next()).done).toBe(false)
    await memory.close()
    await rejected
    await server.start()
    const other = sharedAt(server.url, database)
    expect(await other.get(['a'])).toEqual([undefined])
    await other.put([{ key: 'a', answer: answerOf('theirs') }])
    const again = tieredAt(folder, database)
    expect(await again.get(['a'])).toEqual([answerOf('theirs')])
    expect(again.outbox.keys()).toEqual([])
    await Promise.all([again.close(), other.close()])
  }, 60_000)
})
