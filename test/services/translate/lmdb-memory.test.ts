import { afterEach, expect, it } from 'vitest'
import { lmdbMemory } from '../../../services/translate/lmdb-memory.ts'
import { noUsage, type TranslateAnswer } from '../../../services/translate/translator.ts'
import { workFolder } from '../../system/kalam.ts'

const folders: { remove(): void }[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) folder.remove()
})
const newFolder = () => {
  const folder = workFolder()
  folders.push(folder)
  return folder.path
}
const answer = (text: string): TranslateAnswer => ({ text, usage: { ...noUsage, model: 'm', cost_usd: null } })

it('gives back what was put, in the order of the keys, also after it was closed', async () => {
  const folder = newFolder()
  const memory = lmdbMemory({ folder })
  const long = 'كلمة '.repeat(50_000)
  await memory.put([
    { key: 'a', answer: answer('ا\u0000\ud83d\ude00') },
    { key: 'b', answer: answer(long) },
  ])
  await memory.close()
  const again = lmdbMemory({ folder })
  expect(await again.get(['b', 'none', 'a'])).toEqual([answer(long), undefined, answer('ا\u0000😀')])
  expect(await again.count()).toBe(2)
  await again.close()
})

it('keeps the first answer of a key and says which one stands', async () => {
  const memory = lmdbMemory({ folder: newFolder() })
  expect(await memory.put([{ key: 'a', answer: answer('first') }])).toEqual([answer('first')])
  const puts = [
    { key: 'a', answer: answer('second') },
    { key: 'b', answer: answer('other') },
    { key: 'b', answer: answer('too late') },
  ]
  expect(await memory.put(puts)).toEqual([answer('first'), answer('other'), answer('other')])
  expect(await memory.get(['a', 'b'])).toEqual([answer('first'), answer('other')])
  await memory.close()
})
