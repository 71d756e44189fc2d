import { describe, expect, it } from 'vitest'
import type { Turn } from '../../../core/conversation/model.ts'
import type { Chunk, Ranked, Scored } from '../../../schemas/records.ts'
import { cutterOf } from '../../../services/chunk/cutter-of.ts'
import type { RankingConfig } from '../../../services/config.ts'
import { starterPipeline } from '../../../services/ingest/starter-pipeline.ts'
import { parsePipeline } from '../../../services/load-config.ts'
import { rankConversation } from '../../../services/rank/rank-conversation.ts'
import { pseudo } from '../../../services/translate/backends/pseudo.ts'
import type { Translator } from '../../../services/translate/translator.ts'
import {
  chatConversations,
  messagesOf,
  rawConversations,
  type SampleConversation,
} from '../chunk/sample-conversations.ts'
import { faithful, groupOf, identity, local, throughStages } from '../score/through-stages.ts'

/** The pipeline that `kalam init` writes. */
const starter = parsePipeline(
  starterPipeline('data.jsonl', 'pipeline.yaml', {
    columns: undefined,
    idColumn: undefined,
    description: '',
    read: 1,
    parsed: 1,
    examples: [],
    bad: [],
    outline: [],
  }),
  'pipeline.yaml',
)
const ranking: RankingConfig = starter.rankings.release!
const cut = cutterOf(starter.chunkings.tokens490!)
const conversations = [...chatConversations(), ...rawConversations()]

/** The verdicts on conversations, each the only candidate; and what of them was to be translated. */
const verdicts = (all: SampleConversation[], translator: Translator) =>
  all.map(({ file, id, messages }) => {
    const { chunks, scored } = throughStages(messages, cut, translator)
    return {
      file,
      id,
      chunks,
      ranked: rankConversation([groupOf<Scored>(id, scored)], { ...ranking, candidates: ['x'] }),
    }
  })
const turnsVerdict = (turns: Turn[], translator: Translator): Ranked =>
  verdicts([{ file: 'own', id: 's/t/0', messages: messagesOf('s/t/0', turns) }], translator)[0]!.ranked
const hasProse = (chunks: Chunk[]) => chunks.some(({ kind }) => kind === 'translate')
const reasonCounts = (all: { ranked: Ranked }[]) => {
  const counts: Record<string, number> = {}
  for (const { ranked } of all) counts[ranked.reasons.join()] = (counts[ranked.reasons.join()] ?? 0) + 1
  return counts
}

describe('the ranking of the starter pipeline', () => {
  it('has the gates of the release', () => {
    expect(ranking.keep).toEqual({ complete: true, lr: '>= 0.4', scr: '>= 0.8', metrics: {} })
  })

  it.each([
    ['that keeps code, links and mathematics', faithful],
    ['that maps every letter', pseudo()],
  ])('keeps every sample conversation but the Chinese ones of a translator %s', (_name, translator) => {
    const dropped = verdicts(conversations, translator).filter(({ ranked }) => !ranked.keep)
    expect(dropped.map(({ id, ranked }) => [id, ranked.reasons.join()])).toEqual(
      [0, 1, 2, 3, 4, 5].map((row) => [`sample/chinese_contamination/${row}`, 'scr_below_0.8']),
    )
  })

  it('keeps every tool-calling row of such a translator, whatever JSON is in it', () => {
    const rows = verdicts(
      conversations.filter(({ file }) => file.startsWith('toolcall_')),
      faithful,
    )
    expect(rows).toHaveLength(110 + 70 + 4 + 20 + 34)
    expect(rows.every(({ ranked }) => ranked.keep)).toBe(true)
    const whole = rows.map(({ ranked }) => ranked.candidates[0]!.metrics.scr_all ?? 1)
    expect(whole.filter((scr) => scr < 0.8).length).toBeGreaterThan(150)
  })

  it('drops every sample conversation of a translator that translates nothing', () => {
    const all = verdicts(conversations, identity)
    // Every one of them has prose: what people ask, if nothing else.
    expect(all.filter(({ chunks }) => !hasProse(chunks))).toEqual([])
    expect(reasonCounts(all)).toEqual({ 'scr_below_0.8': 619 + 112 })
  })

  it.each<[string, Turn[]]>([
    [
      'numbers alone',
      [
        { role: 'user', content: '2 + 2 = ?' },
        { role: 'assistant', content: '4' },
      ],
    ],
    ['a call alone', [{ role: 'assistant', content: '<tool_call>\n{"name": "f"}\n</tool_call>' }]],
    ['code alone', [{ role: 'user', content: '```py\nprint("hello")\n```' }]],
    ['mathematics alone', [{ role: 'user', content: '\\[ x = 1 \\]' }]],
    [
      'nothing at all',
      [
        { role: 'user', content: '' },
        { role: 'assistant', content: ' \n' },
      ],
    ],
    ['inline code and numbers', [{ role: 'user', content: '`ls -l` 12' }]],
    ['a link', [{ role: 'user', content: 'https://example.org/a' }]],
  ])('keeps a conversation of %s, in which nothing is to be translated', (_name, turns) => {
    expect(turnsVerdict(turns, identity)).toMatchObject({ keep: true, reasons: [] })
  })

  it.each<[string, string, string, string]>([
    ['a short answer', 'Yes.', 'نعم.', ''],
    ['a letter', 'A', 'أ', ''],
    ['a letter that stays', 'A', 'A', 'scr_below_0.8'],
    ['a name that stays', 'John Smith', 'John Smith', 'scr_below_0.8'],
    ['one word for many', 'It is not possible at all', 'مستحيل', 'lr_below_0.4'],
    ['many words for one', 'No', 'لا يمكنني أن أفعل ذلك أبدا', 'lr_below_0.4'],
    ['numbers that stay', 'Add 1200, 3400, 5600 and 7800', 'اجمع 1200 و3400 و5600 و7800', ''],
    ['numbers that stay in English', 'Add 1200, 3400, 5600 and 7800', 'Add 1200, 3400, 5600 and 7800', 'scr_below_0.8'],
    ['Arabic digits', 'It costs 150 dollars', 'يكلف ١٥٠ دولارا', ''],
    ['digits that came in', 'It costs a lot of money', 'يكلف 123456789 123456789', 'scr_below_0.8'],
    ['half of it', 'Read the book. Close the door.', 'اقرأ الكتاب. Close the door.', 'scr_below_0.8'],
  ])('judges %s', (_name, source, target, reasons) => {
    const verdict = turnsVerdict(
      [{ role: 'user', content: source }],
      local(() => target),
    )
    expect(verdict.reasons.join()).toBe(reasons)
  })

  it('takes a translation before a copy', () => {
    const english = chatConversations().filter(({ file }) => file !== 'chinese_contamination')
    for (const { id, messages } of english.filter((_, at) => at % 7 === 0)) {
      const [good, copy] = [faithful, identity].map((translator) =>
        groupOf<Scored>(id, throughStages(messages, cut, translator).scored),
      )
      const ranked = rankConversation([copy, good], { ...ranking, candidates: ['copy', 'good'] })
      expect([id, ranked.winner]).toEqual([id, 'good'])
    }
  })
})

describe('a ranking record', () => {
  const { scored } = throughStages(messagesOf('s/t/0', [{ role: 'user', content: 'Yes.' }]), cut, pseudo())
  const group = groupOf<Scored>('s/t/0', scored)

  it('counts the flags of all messages by code', () => {
    const flag = { start: 0, length: 1, detail: '' }
    const flagged = scored.map((record) => ({
      ...record,
      flags: [
        { ...flag, code: 'hole' },
        { ...flag, code: 'x' },
        { ...flag, code: 'hole' },
      ],
    }))
    const ranked = rankConversation([groupOf<Scored>('s/t/0', flagged)], { ...ranking, candidates: ['a'] })
    expect(ranked.candidates[0]!.flags).toEqual({ hole: 2, x: 1 })
  })

  it('takes a candidate without records, or without a conversation score, for one that is not in line', () => {
    const broken = { ...group, records: group.records.map((record) => ({ ...record, body: undefined })) }
    const ranked = rankConversation([undefined, broken, group], { ...ranking, candidates: ['a', 'b', 'c'] })
    expect(ranked.winner).toBe('c')
    expect(ranked.candidates.map(({ in_line }) => in_line)).toEqual([false, false, true])
  })

  it('names the reasons of an incomplete candidate and the translators that are none', () => {
    const conversation = { ...scored[0]!.conversation!, complete: false, reasons: { timeout: 2, empty: 1 } }
    const incomplete = groupOf<Scored>('s/t/0', [{ ...scored[0]!, conversation }])
    const ranked = rankConversation([incomplete, group], { ...ranking, candidates: ['a', 'b'] })
    expect(ranked.why).toBe('b wins: a is incomplete (empty, timeout)')
    expect(ranked.candidates.map(({ pseudo, reasons }) => [pseudo, reasons])).toEqual([
      [true, ['incomplete']],
      [true, []],
    ])
  })
})
