import { expect, it } from 'vitest'
import { addCounts, noCounts } from '../../../core/metrics/counts.ts'
import { lr } from '../../../core/metrics/lr.ts'
import { conversationMetrics, scoreConversation } from '../../../core/metrics/score-conversation.ts'
import { countMessage, type ScoredPiece, scoresOf } from '../../../core/metrics/score-message.ts'
import { scr } from '../../../core/metrics/scr.ts'
import { countWords } from '../chunking/counters.ts'

const piece = (partType: string, sourceText: string, targetText: string | null): ScoredPiece => ({
  partType,
  sourceText,
  targetText: targetText ?? sourceText,
  translated: targetText !== null,
})
const messageOf = (...pieces: ScoredPiece[]) => ({
  source: pieces.map(({ sourceText }) => sourceText).join(''),
  target: pieces.map(({ targetText }) => targetText).join(''),
  pieces,
})

const call = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Cairo"}}\n</tool_call>'
const answer = messageOf(
  piece('think', '<think>', null),
  piece('think', 'Look up the weather first.', 'نبحث عن الطقس أولا.'),
  piece('think', '</think>', null),
  piece('text', 'I will look. ', 'سأبحث الآن. '),
  piece('tool_call', call, null),
)

it('scores translated pieces and whole contents apart', () => {
  const { metrics } = scoresOf(countMessage(answer, countWords))
  expect(metrics.scr).toBe(1)
  expect(metrics.scr_all).toBe(scr().score(answer))
  expect(metrics.scr_all).toBeLessThan(0.6)
  expect(metrics.lr_all).toBe(lr().score(answer))
  expect(metrics.tokens_source).toBe(countWords(answer.source))
  expect(metrics.tokens_target).toBe(countWords(answer.target))
})

it('scores every part type that has translated pieces by itself', () => {
  const { parts } = scoresOf(countMessage(answer, countWords))
  expect(parts).toEqual([
    { part_type: 'text', metrics: { lr: lr().score({ source: 'I will look. ', target: 'سأبحث الآن. ' }), scr: 1 } },
    { part_type: 'think', metrics: { lr: expect.closeTo(0.7273, 4), scr: 1 } },
  ])
})

it('does not apply translated scores where nothing was translated', () => {
  const { metrics, parts } = scoresOf(countMessage(messageOf(piece('tool_call', call, null)), countWords))
  expect(metrics).toMatchObject({ lr: null, scr: null, lr_all: 1, scr_all: 0 })
  expect(parts).toEqual([])
})

it('gives an untranslated copy of prose a length ratio of 1 and a script purity of 0', () => {
  const { metrics } = scoresOf(countMessage(messageOf(piece('text', 'Hello there.', 'Hello there.')), countWords))
  expect(metrics).toMatchObject({ lr: 1, scr: 0 })
})

it('scores the same however a part was cut', () => {
  const whole = messageOf(piece('text', 'Use `npm run build` to build it.', 'استخدم `npm run build` للبناء.'))
  const cut = messageOf(
    piece('text', 'Use `npm r', 'استخدم `npm ru'),
    piece('text', 'un build` to build it.', 'n build` للبناء.'),
  )
  expect(scoresOf(countMessage(cut, countWords))).toEqual(scoresOf(countMessage(whole, countWords)))
})

it('keeps pieces apart that something untranslated separates', () => {
  const counts = countMessage(
    messageOf(piece('text', 'a', 'ا'), piece('text', 'b', null), piece('text', 'c', 'ج')),
    countWords,
  )
  expect(counts.translated).toMatchObject({ texts: 2, source: { words: 2, chars: 2 } })
})

it('scores a conversation from summed counts, not from the mean of its messages', () => {
  const long = messageOf(piece('text', 'one two three four five six', 'واحد اثنان ثلاثة'))
  const short = messageOf(piece('text', 'yes', 'نعم إنها هكذا'))
  const counts = [long, short].map((message) => countMessage(message, countWords))
  const { metrics, parts } = scoreConversation(
    {
      messages: counts,
      turns: [
        { role: 'user', content: long.target },
        { role: 'assistant', content: short.target },
      ],
    },
    countWords,
  )
  expect(metrics.lr).toBeCloseTo(6 / 7, 12)
  expect(parts[0]?.metrics.lr).toBeCloseTo(6 / 7, 12)
  expect(metrics.turns).toBe(2)
  expect(Object.keys(metrics)).toEqual(conversationMetrics)
  expect(metrics.tokens_content).toBe(countWords(long.target) + countWords(short.target))
  expect(metrics.tokens_rendered).toBeGreaterThan(metrics.tokens_content!)
})

it('adds counts in any order to the same sums', () => {
  const messages = [
    answer,
    messageOf(piece('text', 'Yes, 3 of 4.', 'نعم، 3 من 4.')),
    messageOf(piece('text', '', null)),
  ]
  const counts = messages.map((message) => countMessage(message, countWords))
  expect(counts.reduce(addCounts, noCounts())).toEqual(counts.reverse().reduce(addCounts, noCounts()))
})

it('passes alpha and tau on', () => {
  const counts = countMessage(messageOf(piece('text', 'one two', 'واحد two')), countWords)
  expect(scoresOf(counts, { tau: 0.4 }).metrics.scr).toBe(1)
  expect(scoresOf(counts, { alpha: 1.5 }).metrics.lr).toBeCloseTo((6 / 7) ** 1.5, 12)
})
