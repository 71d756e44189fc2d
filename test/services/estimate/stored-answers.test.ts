import { expect, it } from 'vitest'
import { noAnswers, withShared } from '../../../services/estimate/stored-answers.ts'
import { noUsage, type TranslateAnswer } from '../../../services/translate/translator.ts'

const answerOf = (text: string): TranslateAnswer => ({ text, usage: noUsage })

it('looks in the shared memory for what is not known here, and holds what was loaded last', async () => {
  const asked: (readonly string[])[] = []
  const shared = {
    async get(keys: readonly string[]) {
      asked.push(keys)
      return keys.map((key) => (key.startsWith('theirs') ? answerOf(key) : undefined))
    },
    close: async () => undefined,
  }
  const own = { ...noAnswers, get: (key: string) => (key === 'ours' ? answerOf(key) : undefined) }
  const answers = withShared(own, shared)
  await answers.load(['ours', 'theirs 1', 'nobody'])
  expect(['ours', 'theirs 1', 'nobody'].map((key) => answers.get(key)?.text)).toEqual(['ours', 'theirs 1', undefined])
  expect((await answers.find('theirs 2'))?.text).toBe('theirs 2')
  // What is looked for alone puts nothing out that was loaded.
  expect([answers.get('theirs 1')?.text, (await answers.find('ours'))?.text]).toEqual(['theirs 1', 'ours'])
  await answers.load(['theirs 3'])
  expect(['theirs 1', 'theirs 3'].map((key) => answers.get(key)?.text)).toEqual([undefined, 'theirs 3'])
  expect(asked).toEqual([['theirs 1', 'nobody'], ['theirs 2'], ['theirs 3']])
})
