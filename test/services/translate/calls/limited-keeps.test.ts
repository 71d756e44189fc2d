import { describe, expect, it } from 'vitest'
import { deferred } from '../../../../dataflow/deferred.ts'
import { limited } from '../../../../services/translate/calls/limited.ts'
import { limiter } from '../../../../services/translate/calls/limiter.ts'
import type { MemoryEntry } from '../../../../services/translate/memory.ts'
import { noUsage, type Translator } from '../../../../services/translate/translator.ts'
import { memoryKey } from '../../../../services/translate/with-memory.ts'
import { backendOf, calm, requestOf } from '../fake-line.ts'

const bill = { account: 'a', spending: { nano: 1, tokens: 2, calls: 1 } }

const setUp = () => {
  const asked: string[] = []
  const writes: { entries: MemoryEntry[]; done(): void }[] = []
  const backend: Translator = {
    ...backendOf('http://127.0.0.1:1'),
    async translate({ text }) {
      asked.push(text)
      return { text: `${text}!`, usage: noUsage, bill }
    },
  }
  const keep = async (entries: MemoryEntry[]) => {
    const { promise, resolve } = deferred()
    writes.push({ entries, done: resolve })
    await promise
    return entries.map(({ answer }) => answer)
  }
  const translator = limited(backend, limiter({ slots: 1 }), { keep })
  return { asked, writes, backend, ask: (text: string) => translator.translate(requestOf(text), { signal: calm }) }
}

const turns = () => new Promise((resolve) => setTimeout(resolve, 20))

describe('a call with one place', () => {
  it('gives its place back when its answer is kept, with its bill', async () => {
    const { asked, writes, backend, ask } = setUp()
    const answers = [ask('One'), ask('Two')]
    await turns()
    expect(asked).toEqual(['One'])
    expect(writes.map(({ entries }) => entries)).toEqual([
      [{ key: memoryKey(backend, requestOf('One')), answer: { text: 'One!', usage: noUsage }, bill }],
    ])
    writes[0]!.done()
    expect(await answers[0]).toEqual({ text: 'One!', usage: noUsage })
    await turns()
    expect(asked).toEqual(['One', 'Two'])
    writes[1]!.done()
    await answers[1]
  })
})
