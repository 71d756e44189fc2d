import { setTimeout as after } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { KalamError } from '../../../../dataflow/error.ts'
import { standing } from '../../../../services/translate/calls/standing.ts'
import { noUsage, type Translator } from '../../../../services/translate/translator.ts'
import { calm, requestOf } from '../fake-line.ts'

const refused = (status: number, ofText = false): KalamError =>
  new KalamError('backend_refused', `the server answered ${status}`, { details: { status, ofText } })

/** A line whose key is refused until it is mended, and which never takes the text `bad`. */
const setUp = () => {
  const asked: string[] = []
  let isMended = false
  const backend: Translator = {
    ...{ backend: 'refusing', fingerprint: 'refusing', slots: 8, paid: true, render: ({ text }) => text },
    async translate({ text }, { signal }) {
      asked.push(text)
      await after(isMended && text === 'slow' ? 60_000 : 1, undefined, { signal })
      if (!isMended) throw refused(401)
      if (text === 'bad') throw refused(400, true)
      return { text: `${text}!`, usage: noUsage }
    },
  }
  const { translator, stand } = standing(backend, { againMs: 5 })
  const ask = async (text: string, signal = calm): Promise<string> => {
    try {
      return (await translator.translate(requestOf(text), { signal })).text
    } catch (thrown) {
      return (thrown as Error).message
    }
  }
  const mend = () => {
    isMended = true
  }
  return { ask, asked, stand, mend }
}

it('stands while one call looks again and again, and goes on by itself', async () => {
  const { ask, asked, stand, mend } = setUp()
  const calls = Promise.all(['one', 'two', 'three'].map((text) => ask(text)))
  await expect.poll(() => asked.length).toBeGreaterThan(6)
  expect(asked.slice(3)).not.toContain('two')
  await expect.poll(() => stand.reason?.message).toBe('the server answered 401')
  mend()
  expect(await calls).toEqual(['one!', 'two!', 'three!'])
  expect([stand.reason, stand.sinceMs]).toEqual([undefined, 0])
})

it('goes on when the text of the call that looks is refused for itself', async () => {
  const { ask, stand, mend } = setUp()
  const calls = Promise.all(['bad', 'one', 'two'].map((text) => ask(text)))
  await expect.poll(() => stand.reason).toBeDefined()
  mend()
  expect(await calls).toEqual(['the server answered 400', 'one!', 'two!'])
})

it('has another look when the call that looks is aborted', async () => {
  const { ask, asked, stand, mend } = setUp()
  const stop = new AbortController()
  const looking = ask('slow', stop.signal)
  const calls = Promise.all(['one', 'two'].map((text) => ask(text)))
  await expect.poll(() => stand.reason).toBeDefined()
  mend()
  const before = asked.length
  await expect.poll(() => asked.length).toBeGreaterThan(before)
  stop.abort()
  expect(await looking).toBe('The operation was aborted')
  expect(await calls).toEqual(['one!', 'two!'])
})
