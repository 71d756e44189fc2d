import { expect, it } from 'vitest'
import { lmdbMemory } from '../../../services/translate/lmdb-memory.ts'
import { allOf, answerOf, memoryContract } from '../../contract/memory.ts'
import { workFolder } from '../../system/kalam.ts'

memoryContract('the memory on local disk', async () => {
  const folder = workFolder()
  return { open: async () => lmdbMemory({ folder: folder.path }), close: async () => folder.remove() }
})

const spending = { nano: 7, tokens: 3, calls: 1 }

it('keeps what was spent when answers are removed, and lists none of it among them', async () => {
  const folder = workFolder()
  const memory = lmdbMemory({ folder: folder.path })
  await memory.put([{ key: 'a', answer: answerOf('text'), bill: { account: 'gemma3', spending } }])
  await memory.ledger.reserve('gemma3', spending, {})
  await memory.outbox.put([{ key: 'b', answer: answerOf('text') }])
  expect((await allOf(memory)).map(({ key }) => key)).toEqual(['a', 'b'])
  expect(await memory.remove(['a', 'b'])).toBe(2)
  expect([await memory.count(), memory.ledger.account('gemma3')]).toEqual([
    0,
    { spent: spending, inDoubt: { nano: 0, tokens: 0, calls: 0 }, reserved: spending },
  ])
  expect(memory.bytes()).toBeGreaterThan(0)
  await memory.close()
  folder.remove()
})

it('marks what others have not been told, and lets what stands there take its place', async () => {
  const folder = workFolder()
  const memory = lmdbMemory({ folder: folder.path })
  await memory.put([{ key: 'old', answer: answerOf('old') }])
  await memory.outbox.put(['old', 'new', 'gone'].map((key) => ({ key, answer: answerOf(`my ${key}`) })))
  await memory.remove(['gone'])
  expect(memory.outbox.keys()).toEqual(['gone', 'new'])
  const theirs = ['old', 'new', 'gone'].map((key) => ({ key, answer: answerOf(`their ${key}`) }))
  expect((await memory.outbox.told(theirs)).map(({ text }) => text)).toEqual(['old', 'their new', 'their gone'])
  expect(memory.outbox.keys()).toEqual([])
  expect(await memory.get(['old', 'new', 'gone'])).toEqual([answerOf('old'), answerOf('their new'), undefined])
  await memory.close()
  folder.remove()
})
