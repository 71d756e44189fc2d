import { describe, expect, it } from 'vitest'
import { findSpans } from '../../../core/masking/find-spans.ts'
import { defaultMaskKinds } from '../../../core/masking/kinds.ts'
import { mask } from '../../../core/masking/mask.ts'
import { unmask } from '../../../core/masking/unmask.ts'

const masked = (text: string, form = 0) => mask(text, findSpans(text, { kinds: defaultMaskKinds }), form)
const problem = { problem: 'placeholders', lost: 0, doubled: 0, unknown: 0, misplaced: 0 }

describe('mask', () => {
  it('numbers sentinels from 1', () => {
    expect(masked('Run `a` and `b`').text).toBe('Run ⟦1⟧ and ⟦2⟧')
    expect(masked('Run `a` and `b`', 1).text).toBe('Run XZ1Q and XZ2Q')
  })

  it('takes other marks where the text has such, also in another spelling', () => {
    expect(masked('⟦1⟧ is `a`').text).toBe('⟦1⟧ is ⟪1⟫')
    expect(masked('〚x is `a`').text).toBe('〚x is ⟪1⟫')
    expect(masked('⟦ 《 ⦃ ⟬ `a`').text).toBe('⟦ 《 ⦃ ⟬ XZ1Q')
    expect(masked('xz is `a`', 1).text).toBe('xz is XXX1Q')
    expect(masked('xz xxx zXX is `a`', 1).text).toBe('xz xxx zXX is QXX1Q')
    expect(masked('`⟦1⟧`').text).toBe('⟦1⟧')
  })

  it('refuses a form that is not there', () => {
    expect(() => masked('a', 2)).toThrow(new RangeError('masking a text: there is no sentinel form 2'))
  })
})

describe('unmask', () => {
  it('takes what was masked back, also where the text of a link ends in a span', () => {
    for (const text of ['\\[ a \\](http://a.b/c)', '[`a`](/b "t") and [`c](d)`](/e)'])
      for (const form of [0, 1]) {
        const whole = masked(text, form)
        expect(unmask(whole.text, whole)).toEqual({ text })
      }
    const spans = findSpans('[a](b "t")', { kinds: defaultMaskKinds, terms: ['[a]'] })
    const term = mask('[a](b "t")', spans, 0)
    expect(unmask(term.text, term)).toEqual({ text: '[a](b "t")' })
  })

  it.each([
    ['شغّل ⟦1⟧ ثم ⟦2⟧', 0],
    ['شغّل ⟦١⟧ ثم ⟦ ۲ ⟧', 0],
    ['شغّل \u2067⟦\u200f1\u200e⟧\u2069 ثم ⟧2⟦', 0],
    ['شغّل 〚１〛 ثم ⟦2〛', 0],
    ['شغّل XZ1Q ثم xz ٢ q', 1],
  ])('accepts %j', (answer, form) => {
    const result = unmask(answer, masked('Run `a` then `b`', form))
    expect(JSON.stringify(result).replace(/[\u2067\u2069]/g, '')).toBe('{"text":"شغّل `a` ثم `b`"}')
  })

  it.each([
    ['⟦1⟧', { lost: 1 }],
    ['⟦1⟧ ⟦1⟧ ⟦2⟧', { doubled: 1 }],
    ['⟦1⟧ ⟦2⟧ ⟦3⟧', { unknown: 1 }],
    ['⟦1⟧ ⟦2⟧ ⟦', { unknown: 1 }],
    ['⟦1 2⟧', { lost: 2, unknown: 2 }],
    ['⟦0⟧ ⟦1⟧ ⟦2⟧', { unknown: 1 }],
    ['', { lost: 2 }],
  ])('refuses %j', (answer, counts) => {
    expect(unmask(answer, masked('Run `a` then `b`'))).toEqual({ ...problem, ...counts })
  })

  it('refuses what is left of a sentinel of letters', () => {
    const source = masked('Run `a` then `b`', 1)
    for (const trace of ['XZ', 'XZ1', 'Z2', '1Q', 'q', 'z']) {
      expect(unmask(`XZ1Q XZ2Q ${trace}`, source)).toEqual({ ...problem, unknown: 1 })
    }
    const withOwn = masked('Let z be `a`', 1)
    expect(unmask('ليكن z هو XZ1Q', withOwn)).toEqual({ text: 'ليكن z هو `a`' })
  })

  it('lets spans change places, but not leave their tags', () => {
    const source = masked('<b>`a` or $x$</b> and <i>`c`</i>')
    expect(source.text).toBe('⟦1⟧⟦2⟧ or ⟦3⟧⟦4⟧ and ⟦5⟧⟦6⟧⟦7⟧')
    expect(unmask('⟦5⟧⟦6⟧⟦7⟧ و⟦1⟧⟦3⟧ أو ⟦2⟧⟦4⟧', source)).toEqual({ text: '<i>`c`</i> و<b>$x$ أو `a`</b>' })
    const wrong = ['⟦4⟧⟦2⟧⟦3⟧⟦1⟧⟦5⟧⟦6⟧⟦7⟧', '⟦1⟧⟦2⟧⟦3⟧⟦5⟧⟦4⟧⟦6⟧⟦7⟧', '⟦1⟧⟦2⟧⟦4⟧⟦3⟧⟦5⟧⟦6⟧⟦7⟧', '⟦1⟧⟦5⟧⟦6⟧⟦7⟧⟦2⟧⟦3⟧⟦4⟧']
    for (const answer of wrong) expect(unmask(answer, source)).toMatchObject({ problem: 'placeholders', lost: 0 })
  })

  it('takes tags without a partner for single ones', () => {
    const source = masked('<li>one <p>two</b> three</p> <br>')
    expect(unmask('⟦5⟧ ⟦3⟧ ⟦2⟧ ⟦1⟧ ⟦4⟧', source)).toMatchObject({ misplaced: expect.any(Number) })
    expect(unmask('⟦5⟧ ⟦2⟧ ⟦3⟧ ⟦4⟧ ⟦1⟧', source)).toEqual({ text: '<br> <p> </b> </p> <li>' })
  })

  it('keeps the target of a link in its brackets', () => {
    const source = masked('See [the page](/a/b).')
    expect(source.text).toBe('See [the page](⟦1⟧).')
    expect(unmask('انظر [الصفحة](⟦1⟧).', source)).toEqual({ text: 'انظر [الصفحة](/a/b).' })
    expect(unmask('انظر [الصفحة] ⟦1⟧.', source)).toEqual({ ...problem, misplaced: 1 })
  })

  it('returns an answer to a text without spans as it is', () => {
    expect(unmask('⟦1⟧', masked('no spans'))).toEqual({ text: '⟦1⟧' })
  })
})
