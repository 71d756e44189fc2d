import { describe, expect, it } from 'vitest'
import { KalamError } from '../../../dataflow/error.ts'
import type { Attempt } from '../../../schemas/records.ts'
import { pseudo } from '../../../services/translate/backends/pseudo.ts'
import { freeSlots } from '../../../services/translate/calls/slots.ts'
import { translateChunk } from '../../../services/translate/translate-chunk.ts'
import {
  noUsage,
  type TranslateAnswer,
  type TranslateRequest,
  type Translator,
} from '../../../services/translate/translator.ts'
import { calm, chunkOf, lineOf, rejection } from './fake-line.ts'

/** A translator that answers the k-th attempt with the k-th of its answers. */
const answering = (...answers: (string | Error | Partial<TranslateAnswer['usage']>)[]) => {
  const requests: TranslateRequest[] = []
  const translator: Translator = {
    backend: 'test',
    fingerprint: 'test',
    slots: 1,
    paid: true,
    render: ({ text }) => text,
    async translate(request) {
      requests.push(request)
      const answer = answers[request.attempt]
      if (answer instanceof Error) throw answer
      if (typeof answer === 'string') return { text: answer, usage: { ...noUsage, model: `m${request.attempt}` } }
      return { text: 'ترجمة', usage: { ...noUsage, ...answer } }
    },
  }
  return { translator, requests }
}
const outcomes = (attempts: Attempt[]) => attempts.map(({ outcome }) => outcome)
const error = (code: ConstructorParameters<typeof KalamError>[0]) => new KalamError(code, `testing: ${code}`)

describe('a chunk', () => {
  it('of kind keep is kept without being asked for', () => {
    const { translator, requests } = answering('x')
    const record = translateChunk(
      chunkOf('```\ncode\n```', { kind: 'keep', part_type: 'code', start: 7 }),
      's/t/1',
      lineOf(translator),
      calm,
    )
    expect(record).toEqual({
      message_index: 2,
      message_count: 3,
      part_index: 0,
      part_type: 'code',
      chunk_index: 0,
      chunk_count: 1,
      start: 7,
      length: 12,
      status: 'kept',
      reason: null,
      target_text: null,
      backend: 'test',
      attempts: [],
      flags: [],
    })
    expect(requests).toEqual([])
  })

  it('is sent without the white space around it, which comes back', async () => {
    const { translator, requests } = answering(' \u0085مرحبا\n')
    const record = await translateChunk(
      chunkOf('\ufeff\u0085 Hello there\u00a0\r\n'),
      's/t/1',
      lineOf(translator),
      calm,
    )
    expect(record).toMatchObject({ status: 'translated', target_text: '\ufeff\u0085 مرحبا\u00a0\r\n', length: 17 })
    expect(requests).toEqual([
      {
        text: 'Hello there',
        sourceLanguage: 'en',
        targetLanguage: 'ar',
        id: 's/t/1',
        messageIndex: 2,
        sample: 0,
        attempt: 0,
      },
    ])
  })

  it('is tried until an answer is good, and the record tells every attempt', async () => {
    const { translator } = answering('', 'y'.repeat(70_000), 'مرحبا')
    const record = await translateChunk(chunkOf('Hello'), 's/t/1', lineOf(translator), calm)
    expect(record).toMatchObject({ status: 'translated', reason: null, target_text: 'مرحبا' })
    expect(record.attempts.map(({ model, outcome }) => [model, outcome])).toEqual([
      ['m0', 'empty'],
      ['m1', 'runaway'],
      ['m2', 'ok'],
    ])
  })

  it('fails with the last reason when no attempt is good, and has no text', async () => {
    const { translator } = answering('', { finish_reason: 'length' })
    const record = await translateChunk(chunkOf('Hello'), 's/t/1', lineOf(translator, 2), calm)
    expect(record).toMatchObject({ status: 'failed', reason: 'length', target_text: null })
    expect(outcomes(record.attempts)).toEqual(['empty', 'length'])
  })

  it.each(['server_error', 'timeout', 'no_translation'] as const)(
    'fails alone after %s, with the answers before it',
    async (code) => {
      const { translator } = answering('', error(code))
      const record = await translateChunk(chunkOf('Hello'), 's/t/1', lineOf(translator), calm)
      expect(record).toMatchObject({ status: 'failed', reason: code, target_text: null })
      expect(outcomes(record.attempts)).toEqual(['empty'])
    },
  )

  it.each([error('backend_refused'), error('missing_file'), new TypeError('a defect')])(
    'stops its line after %s',
    async (thrown) => {
      const { translator } = answering(thrown)
      expect(
        await rejection(Promise.resolve(translateChunk(chunkOf('Hello'), 's/t/1', lineOf(translator), calm))),
      ).toBe(thrown)
    },
  )
})

describe('a local translator', () => {
  it('answers without a promise', () => {
    const record = translateChunk(chunkOf(' abc '), 's/t/1', lineOf(pseudo()), calm)
    expect(record).toMatchObject({ status: 'translated', target_text: ' ابت ', backend: 'pseudo', attempts: [] })
  })

  it.each([
    ['has no translation', error('no_translation'), 'no_translation'],
    ['answers nothing', '', 'empty'],
  ])('fails a chunk for which it %s', (_name, answer, reason) => {
    const translateNow = () => {
      if (answer instanceof Error) throw answer
      return { text: answer, usage: noUsage }
    }
    const record = translateChunk(chunkOf('Hello'), 's/t/1', lineOf({ ...pseudo(), translateNow }), calm)
    expect(record).toMatchObject({ status: 'failed', reason, target_text: null })
  })

  it('stops its line by any other error', () => {
    const translateNow = () => {
      throw error('missing_file')
    }
    expect(() => translateChunk(chunkOf('Hello'), 's/t/1', lineOf({ ...pseudo(), translateNow }), calm)).toThrow(
      'missing_file',
    )
  })
})

describe('chunks of a line with starts', () => {
  it('wait untouched until those before them have a place, or are done without one', async () => {
    const asked: { text: string; onPlace?: (() => void) | undefined; answer(text: string): void }[] = []
    const translator: Translator = {
      ...answering().translator,
      translate: ({ text }, { onPlace }) =>
        new Promise((resolve) => {
          asked.push({ text, onPlace, answer: (answer) => resolve({ text: answer, usage: noUsage }) })
        }),
    }
    const starts = freeSlots(() => 2)
    const line = { ...lineOf(translator), starts }
    const texts = ['one', 'two', 'three', 'four', 'five']
    const made = texts.map((text) => translateChunk(chunkOf(text), 's/t/1', line, calm))
    const begun = async () => {
      // Where calls have ended shortly before, judging waits for a turn of the event loop.
      for (let turns = 0; turns < 5; turns++) await new Promise(setImmediate)
      return asked.map(({ text }) => text)
    }
    expect(await begun()).toEqual(['one', 'two'])
    asked[1]!.onPlace?.()
    asked[1]!.onPlace?.()
    expect(await begun()).toEqual(['one', 'two', 'three'])
    asked[1]!.answer('ترجمة')
    expect(await begun()).toEqual(['one', 'two', 'three'])
    asked[0]!.answer('ترجمة')
    expect(await begun()).toEqual(['one', 'two', 'three', 'four'])
    for (let i = 0; i < texts.length; i++) {
      asked[i]?.answer('ترجمة')
      await begun()
    }
    expect((await Promise.all(made)).map(({ status }) => status)).toEqual(texts.map(() => 'translated'))
  })

  it('are let go when their line stops', async () => {
    const stop = new AbortController()
    const starts = freeSlots(() => 0)
    const waiting = translateChunk(
      chunkOf('one'),
      's/t/1',
      { ...lineOf(answering('x').translator), starts },
      stop.signal,
    )
    stop.abort(new Error('stopped'))
    await expect(waiting).rejects.toThrow('stopped')
  })
})
