import { describe, expect, it } from 'vitest'
import { KalamError } from '../../../dataflow/error.ts'
import { pseudoText } from '../../../services/translate/backends/pseudo.ts'
import { rulesOf } from '../../../services/translate/segment-rules.ts'
import { type Ask, type SegmentRules, translateSegment } from '../../../services/translate/translate-segment.ts'
import { noUsage } from '../../../services/translate/translator.ts'

const rules = (more: Partial<SegmentRules> = {}): SegmentRules => ({
  ...rulesOf({ masking: { terms: ['Kalam'] }, checks: {}, attempts: 5 }, { chunking: undefined, promptText: '' }).rules,
  ...more,
})
const marks = /⟦\d+⟧|[A-Z]{2}\d+[A-Z]/g
const isMasked = (text: string): boolean => text.search(marks) !== -1

/** Everything but sentinels as Arabic letters. */
const translated = (text: string): string => {
  let out = ''
  let at = 0
  for (const { index, 0: mark } of text.matchAll(marks)) {
    out += pseudoText(text.slice(at, index)) + mark
    at = index + mark.length
  }
  return out + pseudoText(text.slice(at))
}

/** An ask by a function of the text and the attempt, and what it was asked. */
const asking = (answer: (text: string, attempt: number) => string, finish_reason = 'stop') => {
  const asked: [string, number][] = []
  const ask: Ask = async (text, attempt) => {
    asked.push([text, attempt])
    return { text: answer(text, attempt), usage: { ...noUsage, finish_reason } }
  }
  return { ask, asked }
}
const outcomes = (attempts: readonly { outcome: string; step: string }[]) =>
  attempts.map(({ outcome, step }) => (step === '' ? outcome : `${outcome} ${step}`))

const text = 'Open `main.py` at https://example.org/a?b=1 and ask Kalam for the value of {name} today.'

describe('a text with spans that have to survive', () => {
  it('is asked without them, and gets them back byte for byte', async () => {
    const { ask, asked } = asking(translated)
    const { text: result, attempts, flags } = await translateSegment(text, rules(), ask)
    for (const span of ['`main.py`', 'https://example.org/a?b=1', '{name}', 'Kalam']) {
      expect(result).toContain(span)
      expect(asked[0]![0]).not.toContain(span)
    }
    expect(outcomes(attempts)).toEqual(['ok'])
    expect(flags).toEqual([])
  })

  it('is asked with other sentinels when they break, and then between the spans alone', async () => {
    const { ask, asked } = asking((asked) => translated(asked).replace(marks, ''))
    const { text: result, attempts } = await translateSegment(text, rules(), ask)
    for (const span of ['`main.py`', 'https://example.org/a?b=1', '{name}', 'Kalam'])
      expect(result!.split(span)).toHaveLength(2)
    expect(outcomes(attempts).slice(0, 2)).toEqual(['placeholders', 'placeholders form_1'])
    expect(
      outcomes(attempts)
        .slice(2)
        .every((outcome) => outcome.endsWith(' pieces')),
    ).toBe(true)
    expect(new Set(asked.map(([asked]) => asked)).size).toBe(asked.length)
  })

  it('fails as placeholders when a piece has no translation either', async () => {
    const { ask } = asking((asked) => (isMasked(asked) ? 'بلا علامات هنا كلها' : ''))
    expect(await translateSegment(text, rules(), ask)).toMatchObject({ reason: 'placeholders' })
  })

  it('is not asked for at all when nothing else is in it', async () => {
    const { ask, asked } = asking(translated)
    expect(await translateSegment('https://example.org/x', rules(), ask)).toMatchObject({
      text: 'https://example.org/x',
      attempts: [],
    })
    expect(asked).toEqual([])
  })
})

describe('a refused answer', () => {
  const plain = 'The weather was fine on the day when we left the old town by the sea.'

  it('is asked for again, each attempt by its own number, until one is good', async () => {
    const { ask, asked } = asking((asked, attempt) => (attempt < 2 ? '' : translated(asked)))
    const { attempts, reason } = await translateSegment(plain, rules(), ask)
    expect([reason, outcomes(attempts)]).toEqual(['', ['empty', 'empty', 'ok']])
    expect(asked.map(([, attempt]) => attempt)).toEqual([0, 1, 2])
  })

  it('fails the text when attempts are out, with the reason and nothing in its place', async () => {
    const { ask } = asking(() => '')
    const { text: result, reason, attempts } = await translateSegment(plain, rules(), ask)
    expect([result, reason, attempts.length]).toEqual([undefined, 'empty', 5])
  })

  it('is accepted with a flag after a second try where its reason says so', async () => {
    const { ask, asked } = asking((asked) => translated(asked))
    const checks = rules({
      findings: () => [{ reason: 'part_copied' }],
      policyOf: () => ({ first: 'retry', last: 'flag' }),
    })
    const { flags, reason } = await translateSegment(plain, checks, ask)
    expect([reason, flags, asked.length]).toEqual(['', ['part_copied'], 2])
  })

  it('is flagged at once or fails at once by the settings', async () => {
    const { ask, asked } = asking(translated)
    const found = { findings: () => [{ reason: 'numbers' }] }
    const flagged = rules({ ...found, policyOf: () => ({ first: 'flag', last: 'flag' }) })
    expect(await translateSegment(plain, flagged, ask)).toMatchObject({ reason: '', flags: ['numbers'] })
    const failing = rules({ ...found, policyOf: () => ({ first: 'fail', last: 'fail' }) })
    expect(await translateSegment(plain, failing, ask)).toMatchObject({ reason: 'numbers' })
    expect(asked).toHaveLength(2)
  })

  it('is taken with a flag where that is set, unless there is nothing to take', async () => {
    const settings = { masking: { terms: [] }, checks: { refusal: 'flag', empty: 'flag' } as const, attempts: 2 }
    const flagging = rulesOf(settings, { chunking: undefined, promptText: '' }).rules
    const refused = asking(() => 'عذرًا، لا يمكنني تقديم المساعدة في هذا.')
    expect(await translateSegment(plain, flagging, refused.ask)).toMatchObject({ reason: '', flags: ['refusal'] })
    expect(refused.asked).toHaveLength(1)
    const empty = await translateSegment(plain, flagging, asking(() => '').ask)
    expect([empty.text, empty.reason]).toEqual([undefined, 'empty'])
  })

  it('is taken after all where what follows it fails', async () => {
    const { ask } = asking((asked, attempt) => {
      if (!isMasked(asked)) return ''
      return attempt === 0 ? translated(asked) : 'بلا علامات هنا كلها'
    })
    let looks = 0
    const checks = rules({
      findings: () => (looks++ === 0 ? [{ reason: 'truncated' }] : []),
      policyOf: () => ({ first: 'retry', last: 'flag' }),
    })
    const first = await translateSegment(text, checks, ask)
    expect(first).toMatchObject({ reason: '', flags: ['truncated'] })
    expect(outcomes(first.attempts).at(-1)).toMatch(/^empty pieces/)
  })

  it('stands in its own place without the white space that came with it', async () => {
    const broken = (asked: string) => (isMasked(asked) ? 'بلا علامات هنا كلها' : ` ${translated(asked)}\n\n`)
    const prose = await translateSegment(text, rules(), asking(broken).ask)
    expect(prose.text!.split('\n')).toHaveLength(1)
    const cell = (asked: string) => broken(asked).trim().replace(' ', '\n| ')
    const table = await translateSegment('| Open `a.py` now | b |\n|---|---|\n| c d e | f |', rules(), asking(cell).ask)
    expect(table.text!.split('\n').map((line) => line.split(/(?<!\\)\|/).length)).toEqual([4, 4, 4])
  })

  it('that was cut off is asked for in halves', async () => {
    const long = Array.from({ length: 8 }, (_, i) => `Sentence number ${i} has a few words in it.`).join(' ')
    const asked: string[] = []
    const ask: Ask = async (text) => {
      asked.push(text)
      return { text: translated(text), usage: { ...noUsage, finish_reason: text.length > 200 ? 'length' : 'stop' } }
    }
    const { text: result, attempts } = await translateSegment(long, rules(), ask)
    expect(result).toBe(translated(long))
    expect(outcomes(attempts)).toEqual(['length', 'ok split', 'ok split'])
    expect(asked.slice(1).join(' ')).toBe(long)
  })

  it.each(['length', 'structure'])('is never cut inside a span (%s)', async (why) => {
    const json = '{\n  "name": "get_movie_details",\n  "arguments": {\n    "title": "Inception"\n  }\n}'
    // Where it has no other lines, those of the span are the first places that offer themselves for a cut.
    const gap = why === 'structure' ? '\n\n' : ' '
    const long = `The call that is made here should be this one:${gap}${json}${gap}It names a film that everybody knows.`
    expect(rules().findSpans(long)).toHaveLength(1)
    // Whatever is long enough to hold what stands around the span is refused.
    const ask: Ask = async (asked) => {
      const isWhole = asked.includes('The call') && asked.includes('It names')
      const answer = why === 'structure' && isWhole ? translated(asked).replace(/\s*\n\s*/g, ' ') : translated(asked)
      return { text: answer, usage: { ...noUsage, finish_reason: why === 'length' && isWhole ? 'length' : 'stop' } }
    }
    const { text: result } = await translateSegment(long, rules(), ask)
    expect(result).toContain(json)
    expect(result).toBe(long.split(json).map(translated).join(json))
  })
})

it('is not cut between what a link points to and its title', async () => {
  const long = `${'word '.repeat(9)}[docs](guide/intro "Read the guide") ${'word '.repeat(9)}`.trim()
  const asked: string[] = []
  const ask: Ask = async (text) => {
    asked.push(text)
    return { text: translated(text), usage: { ...noUsage, finish_reason: text.length > 80 ? 'length' : 'stop' } }
  }
  const { text: result } = await translateSegment(long, rules(), ask)
  expect(result).toContain('](guide/intro "')
  expect(asked.filter((text) => text.includes('guide/intro'))).toEqual([])
})

describe('the lines of Markdown', () => {
  const list =
    '# A short title here\n\n- the first thing of all\n- the second thing of all\n\n| one word | two words |\n|---|---|\n| a cell here | another cell |\n'

  it('come back with their own marks', async () => {
    const { ask } = asking((asked) => translated(asked).replaceAll('- ', '• '))
    const { text: result } = await translateSegment(list, rules(), ask)
    expect(result).toBe(translated(list))
  })

  it('are translated one by one when an answer joins them', async () => {
    const { ask, asked } = asking((asked) => translated(asked).replace(/\s*\n\s*/g, ' '))
    const { text: result } = await translateSegment(list, rules(), ask)
    expect(result).toBe(translated(list))
    expect(asked.length).toBe(1 + 7)
  })
})

describe('an error', () => {
  const failing =
    (error: KalamError): Ask =>
    async () => {
      throw error
    }

  it('of this text is its reason', async () => {
    const given = new KalamError('server_error', 'translating', { retryable: true })
    expect(await translateSegment('Some words.', rules(), failing(given))).toMatchObject({ reason: 'server_error' })
    const refused = new KalamError('backend_refused', 'moderated', { details: { ofText: true, status: 403 } })
    expect(await translateSegment('Some words.', rules(), failing(refused))).toMatchObject({
      reason: 'backend_refused',
    })
  })

  it('of its length leads to halves', async () => {
    const long = 'One sentence of some length stands here. Another one of some length follows it here.'
    const { ask: answer } = asking(translated)
    const ask: Ask = async (text, attempt) => {
      if (text.length > 60)
        throw new KalamError('backend_refused', 'maximum context length is 60', {
          details: { ofText: true, status: 400 },
        })
      return answer(text, attempt)
    }
    expect(await translateSegment(long, rules(), ask)).toMatchObject({ text: translated(long) })
  })

  it('of the line goes on to the caller', async () => {
    const error = new KalamError('backend_refused', 'the key is refused', { details: { status: 401 } })
    await expect(translateSegment('Some words.', rules(), failing(error))).rejects.toBe(error)
  })
})
