import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Cutter } from '../../../core/chunking/chunk.ts'
import { chunkMessage } from '../../../core/chunking/chunk-message.ts'
import { lineCutter } from '../../../core/chunking/line-cutter.ts'
import { rebuild } from '../../../core/chunking/rebuild.ts'
import { tokenCutter } from '../../../core/chunking/token-cutter.ts'
import type { Turn } from '../../../core/conversation/model.ts'
import { parseMessage } from '../../../core/conversation/parse-message.ts'
import { chatTurns } from '../conversation/chat-turns.ts'
import { hostileText } from '../conversation/hostile-text.ts'
import { countCodePoints, countWords } from './counters.ts'

const turns = chatTurns()
const lines = (count: number) => lineCutter({ count, limit: 4000, tokens: countWords })
const tokens490 = tokenCutter({ target: 490, window: 50, limit: 512, promptTokens: 12, count: countWords })

/** Fails unless the pieces tile the content, follow its parts and hold the limit where they are translated. */
function check(turn: Turn, cut: Cutter, limit: number, count = countWords): void {
  const pieces = chunkMessage(turn, cut)
  const parts = parseMessage(turn.role, turn.content)
  let at = 0
  for (const { start, text, kind, partType, partIndex } of pieces) {
    if (start !== at || partType !== parts[partIndex]?.type) throw new Error(`piece at ${start} is out of place`)
    if (kind === 'translate' && count(text) > limit) throw new Error(`piece at ${start} is over the limit`)
    if (kind === 'translate' && parts[partIndex].kind === 'keep') throw new Error(`piece at ${start} was to be kept`)
    at += text.length
  }
  expect(pieces.map((piece) => piece.text).join('') === turn.content).toBe(true)
  const copies = pieces.map(({ start, text }) => ({ start, length: text.length, target: null }))
  expect(rebuild(turn.content, copies).text === turn.content).toBe(true)
}

describe('the pieces of a message', () => {
  it('are cut from translated parts only', () => {
    const content = 'One two. Three four.\n```\nx = 1\n\n\n\ny = 2\n```\nFive six.'
    const cut = tokenCutter({ target: 3, window: 1, limit: 4, count: countWords })
    expect(chunkMessage({ role: 'assistant', content }, cut)).toEqual([
      { partIndex: 0, partType: 'text', kind: 'translate', start: 0, text: 'One two. ' },
      { partIndex: 0, partType: 'text', kind: 'translate', start: 9, text: 'Three four.\n' },
      { partIndex: 1, partType: 'code', kind: 'keep', start: 21, text: '```\nx = 1\n\n\n\ny = 2\n```\n' },
      { partIndex: 2, partType: 'text', kind: 'translate', start: 44, text: 'Five six.' },
    ])
  })

  it('are one keep piece for an empty message', () => {
    expect(chunkMessage({ role: 'user', content: '' }, lines(25))).toEqual([
      { partIndex: 0, partType: 'text', kind: 'keep', start: 0, text: '' },
    ])
  })

  it('are kept where the cut leaves no letter', () => {
    const pieces = chunkMessage({ role: 'user', content: 'Sum these\n1\n2\n3\n4' }, lines(1))
    expect(pieces.map((piece) => piece.kind)).toEqual(['translate', 'keep', 'keep', 'keep', 'keep'])
  })

  it.each([
    ['tokens of 490', tokens490, 500],
    ['25 lines', lines(25), 4000],
    ['50 lines', lines(50), 4000],
    ['100 lines', lines(100), 4000],
    ['500 lines', lines(500), 4000],
  ])('join to every sample message when cut by %s', (_name, cut, limit) => {
    expect(turns.length).toBeGreaterThan(1500)
    for (const turn of turns) check(turn, cut, limit)
  })

  it('join to every sample message under fifty random settings', () => {
    const settings = fc.sample(
      fc.record({
        target: fc.integer({ min: 16, max: 1200 }),
        window: fc.integer({ min: 0, max: 400 }),
        spare: fc.integer({ min: 0, max: 200 }),
        promptTokens: fc.integer({ min: 0, max: 60 }),
        line: fc.option(fc.integer({ min: 1, max: 80 })),
      }),
      { numRuns: 50, seed: 5 },
    )
    for (const [index, { target, window, spare, promptTokens, line }] of settings.entries()) {
      const limit = target + spare + promptTokens
      const cut =
        line === null
          ? tokenCutter({ target, window, limit, promptTokens, count: countWords })
          : lineCutter({ count: line, limit, tokens: countWords })
      const mine = turns.filter((_, at) => at % 5 === index % 5)
      for (const turn of mine) check(turn, cut, line === null ? limit - promptTokens : limit)
    }
  })

  it('join and hold the limit for hostile messages', () => {
    const turn = fc.record({ role: fc.constantFrom('system', 'user', 'assistant', 'tool'), content: hostileText })
    fc.assert(
      fc.property(turn as fc.Arbitrary<Turn>, fc.integer({ min: 4, max: 60 }), (turn, limit) => {
        check(
          turn,
          tokenCutter({ target: limit, window: limit >> 1, limit, count: countCodePoints }),
          limit,
          countCodePoints,
        )
      }),
      { numRuns: 2000, seed: 6 },
    )
  })

  it('join for messages of a megabyte', () => {
    for (const unit of ['a', 'word ', 'A line.\n', '`', '$$ ', '<think>', '👨‍👩‍👧‍👦', 'é']) {
      check({ role: 'assistant', content: unit.repeat((1 << 20) / unit.length) }, tokens490, 500)
    }
  })
})
