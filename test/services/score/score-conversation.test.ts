import { describe, expect, it } from 'vitest'
import type { Turn } from '../../../core/conversation/model.ts'
import type { Message, Translation } from '../../../schemas/records.ts'
import { cutterOf } from '../../../services/chunk/cutter-of.ts'
import { conversationScorer } from '../../../services/score/score-conversation.ts'
import { loadTokenizer } from '../../../services/tokenizer.ts'
import { messagesOf } from '../chunk/sample-conversations.ts'
import { faithful, groupOf, throughStages } from './through-stages.ts'

const cut = cutterOf({ by: 'lines', count: 1, limit: 4000, tokenizer: 'llama3.1' })
const score = conversationScorer()
const turns: Turn[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'First line.\nSecond line.\n```\ncode\n```\nThird line.' },
  { role: 'assistant', content: '<think>\nHm.\n</think>\nDone.' },
]
const messages = messagesOf('s/t/0', turns)
const made = throughStages(messages, cut, faithful)

/** The scores of the conversation when its translations are changed before. */
const scoredWith = (change: (translations: Translation[]) => (Translation | undefined)[]) => {
  const group = groupOf<Translation | undefined>('s/t/0', change(structuredClone(made.translations)))
  return score([{ ...groupOf<Message>('s/t/0', []), records: messages }, group as Parameters<typeof score>[0][1]])
}
const failed = (translation: Translation, reason: string): Translation => ({
  ...translation,
  status: 'failed',
  reason,
  target_text: null,
})

describe('a complete candidate', () => {
  it('has one record per message, and the conversation on the last one', () => {
    expect(
      made.scored.map(({ message_index, role, conversation }) => [message_index, role, conversation !== null]),
    ).toEqual([
      [0, 'system', false],
      [1, 'user', false],
      [2, 'assistant', true],
    ])
    expect(made.scored.at(-1)!.conversation).toMatchObject({
      ...{ in_line: true, complete: true, pseudo: false, reasons: {} },
      ...{ translated: 6, kept: 4, failed: 0, skipped: 0 },
    })
  })

  it('has the metrics of translated parts and of whole contents', () => {
    const { metrics, parts } = made.scored.at(-1)!.conversation!
    expect(metrics).toMatchObject({ lr: 1, scr: 1, lr_all: 1, turns: 3 })
    expect(metrics.scr_all).toBeLessThan(1)
    expect(parts.map(({ part_type, metrics }) => [part_type, metrics.scr])).toEqual([
      ['system', 1],
      ['text', 1],
      ['think', 1],
    ])
  })

  it('counts tokens of contents, and of the whole with its template and tools', () => {
    const count = loadTokenizer('llama3.1')
    const tools = JSON.stringify({
      xml_tools: ['{"name": "a_tool"}'],
      custom_instructions: 'Be kind.',
      python_tools: [],
    })
    const withTools = throughStages(messagesOf('s/t/0', turns, tools), cut, faithful).scored.at(-1)!.conversation!
    const plain = made.scored.at(-1)!.conversation!
    const contents = made.scored.reduce((sum, { target }) => sum + count(target), 0)
    expect(plain.metrics.tokens_content).toBe(contents)
    expect(withTools.metrics.tokens_content).toBe(contents)
    expect(withTools.metrics.tokens_rendered! - plain.metrics.tokens_rendered!).toBeGreaterThan(8)
  })
})

describe('an incomplete candidate', () => {
  it('shows the source where a chunk failed, with a flag at its place', () => {
    const scored = scoredWith((all) => all.map((one, i) => (i === 2 ? failed(one, 'timeout') : one)))
    const whole = made.scored[1]!.target
    const { target, flags } = scored[1]!
    expect(target.split('\n')).toEqual(whole.split('\n').map((line, i) => (i === 1 ? 'Second line.' : line)))
    expect(flags.map(({ code, start, length, detail }) => [code, target.slice(start, start + length), detail])).toEqual(
      [['hole', 'Second line.\n', 'chunk 1: timeout']],
    )
    expect(scored.at(-1)!.conversation).toMatchObject({ complete: false, failed: 1, reasons: { timeout: 1 } })
    expect(scored[0]!.target).toBe(made.scored[0]!.target)
  })

  it.each<[string, (all: Translation[]) => (Translation | undefined)[]]>([
    ['cannot be decoded', (all) => all.map((one, i) => (i === 2 ? undefined : one))],
    [
      'stands for an undecodable chunk',
      (all) =>
        all.map((one, i) =>
          i === 2 ? { ...failed(one, 'undecodable'), message_index: 0, chunk_index: 0, start: 0, length: 0 } : one,
        ),
    ],
  ])('has its message as a hole when a translation %s, and no other message', (_name, change) => {
    const scored = scoredWith(change)
    expect(scored.map(({ target }, i) => target === made.scored[i]!.target)).toEqual([true, false, true])
    expect(scored[1]!).toMatchObject({
      target: turns[1]!.content,
      flags: [{ code: 'hole', start: 0, length: turns[1]!.content.length }],
      metrics: {},
    })
    expect(scored.at(-1)!.conversation).toMatchObject({ complete: false, failed: 1, reasons: { undecodable: 1 } })
  })

  it('is one without translations', () => {
    const scored = score([{ ...groupOf<Message>('s/t/0', []), records: messages }, undefined])
    expect(scored.map(({ target }) => target)).toEqual(turns.map(({ content }) => content))
    expect(scored.at(-1)!.conversation).toMatchObject({ complete: false, reasons: { no_chunks: 1 }, translated: 0 })
  })

  it('is one with an undecodable message', () => {
    const broken = messages.map((message) => (message.index === 1 ? { ...message, body: undefined } : message))
    const scored = score([{ ...groupOf<Message>('s/t/0', []), records: broken }, groupOf('s/t/0', made.translations)])
    expect(scored.map(({ role, target }) => [role, target === ''])).toEqual([
      ['system', false],
      ['', true],
      ['assistant', false],
    ])
    expect(scored.at(-1)!.conversation).toMatchObject({ complete: false, reasons: { undecodable: 1 } })
  })
})

it('has no scores for a conversation that is not in line, and is not complete', () => {
  const scored = scoredWith((all) => [{ ...failed(all[0]!, 'not_in_line'), status: 'skipped' }])
  expect(scored.every(({ metrics }) => Object.keys(metrics).length === 0)).toBe(true)
  expect(scored.at(-1)!.conversation).toMatchObject({
    ...{ in_line: false, complete: false, skipped: 1, failed: 0, metrics: {}, parts: [] },
    reasons: { not_in_line: 1 },
  })
})

it('marks a candidate of which any text is no translation', () => {
  const scored = scoredWith((all) => all.map((one, i) => (i === 0 ? { ...one, backend: 'pseudo' } : one)))
  expect(scored.at(-1)!.conversation!.pseudo).toBe(true)
})
