import { describe, expect, it } from 'vitest'
import { spanFinder } from '../../../core/masking/find-spans.ts'
import { defaultMaskKinds } from '../../../core/masking/kinds.ts'
import { repairStructure } from '../../../core/masking/line-frame.ts'
import { mask } from '../../../core/masking/mask.ts'
import { pieces } from '../../../core/masking/pieces.ts'
import { sentinelForms } from '../../../core/masking/sentinel-forms.ts'
import { unmask } from '../../../core/masking/unmask.ts'
import { wordPieces } from '../../../core/masking/word-pieces.ts'

const manyTerms = Array.from({ length: 5000 }, (_, i) => `term ${'word '.repeat(i % 20)}number ${i}`)
const find = spanFinder({ kinds: defaultMaskKinds, terms: [...manyTerms, 'b b'] })

/** Everything that masking does with a text, and that it does it right. */
function roundTrip(text: string): void {
  const spans = find(text)
  // The forms differ in how marks are chosen, which the smaller text shows as well.
  for (const form of text.length > sizes.small ? [0] : sentinelForms.keys()) {
    const masked = mask(text, spans, form)
    const result = unmask(masked.text, masked)
    expect('text' in result && result.text === text).toBe(true)
  }
  for (const cut of [pieces, wordPieces]) {
    const joined = cut(text, spans)
      .map((piece) => piece.text)
      .join('')
    expect(joined === text).toBe(true)
  }
  expect(repairStructure(text, text) === text).toBe(true)
}

function milliseconds(text: string): number {
  // Of the processor, so that other work on the machine does not count.
  const started = process.cpuUsage()
  roundTrip(text)
  return process.cpuUsage(started).user / 1000
}

/** One size is about 80 KB; a quadratic step would take the larger one 150 times as long, and minutes. */
const sizes = { small: 80 * 1024, large: 1024 * 1024 }

describe('masking in linear time', () => {
  it.each([
    ['one word', 'a'],
    ['words', 'a b '],
    ['backticks', '`'],
    ['runs of backticks', 'a``b` '],
    ['unclosed round brackets', '\\('],
    ['unclosed boxes', '\\boxed{'],
    ['commands', '\\frac{a'],
    ['backslashes', '\\'],
    ['dollars', '$'],
    ['opening dollars', '$a '],
    ['values without an end', '$\u007ba '],
    ['opening angle brackets', '<'],
    ['unclosed tags', '<a '],
    ['tags in attributes', '<a b="'],
    ['tags in attributes of both quotes', '<a b=\'<a c="'],
    ['tags in groups', '<a {'],
    ['attributes', '<a b b b'],
    ['opening and closing tags', '<a></b>'],
    ['opening tags', '<a>'],
    ['tags and their ends', '<a></a>'],
    ['unclosed elements', '<code>'],
    ['comments without an end', '<!-- <? <!a <![CDATA[ {/* '],
    ['marks without an end', '<<1<|'],
    ['opening braces', '{'],
    ['double braces', '{{ '],
    ['keys', '{"a":'],
    ['arrays', '['],
    ['arrays with open strings', '["'],
    ['arrays of strings of arrays', '[\'[",'],
    ['values', '{},'],
    ['links', '](a'],
    ['colons and at signs', 'a:@'],
    ['schemes', 'http://'],
    ['slashes', 'a/'],
    ['dots', 'a.b'],
    ['drives', 'C:\\'],
    ['ampersands', '&a'],
    ['percent signs', '%1'],
    ['nearly terms', 'term word word word word number '],
    ['terms', 'b b '],
    ['brackets of sentinels', '⟦'],
    ['sentinels', '⟦1⟧⟪2⟫⦃3⦄⟬4⟭ XZ5Q '],
    ['white space', ' '],
    ['empty lines', '\n'],
    ['block quotes', '> '],
    ['list marks', '- '],
    ['numbers', '1. '],
    ['pipes', '|'],
    ['rows', '| a | b |\n'],
    ['separators', '|-|\n'],
    ['words of a sentence, coded', '`a` <b>c</b> $d$ e\n'],
  ])('reads a megabyte of %s', (_name, unit) => {
    const text = (size: number) => unit.repeat(size / unit.length)
    const small = milliseconds(text(sizes.small))
    const large = milliseconds(text(sizes.large))
    // What is quick is not compared: on a busy machine chance is larger than it.
    expect(large).toBeLessThan(Math.max(15_000, (5 * small * sizes.large) / sizes.small))
  })
})
