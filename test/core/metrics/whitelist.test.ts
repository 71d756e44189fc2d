import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scriptCounts } from '../../../core/metrics/scr.ts'
import { whitelistedSpans } from '../../../core/metrics/whitelist.ts'
import { hostileText } from '../conversation/hostile-text.ts'

const spansOf = (text: string): string[] => whitelistedSpans(text).map(({ start, end }) => text.slice(start, end))

describe('whitelistedSpans', () => {
  it.each<[string, string[]]>([
    ['انظر https://example.org/a?b=1، ثم', ['https://example.org/a?b=1']],
    ['وhttps://example.org.', ['https://example.org']],
    ['[صفحة](https://example.org/a_(b)) و**http://x.y/z**', ['https://example.org/a_(b)', 'http://x.y/z']],
    ['<https://ar.wikipedia.org/wiki/مصر> ftp://h/p', ['https://ar.wikipedia.org/wiki/مصر', 'ftp://h/p']],
    ['www.example.org و WWW.Example.org/x؟', ['www.example.org', 'WWW.Example.org/x']],
    ['http:// و :// و awww.b.c و www. و a:b', []],
    ['1.2+x://y', ['x://y']],
  ])('finds URLs in %j', (text, spans) => expect(spansOf(text)).toEqual(spans))

  it.each<[string, string[]]>([
    ['راسل a.b+c@mail.example.org.', ['a.b+c@mail.example.org']],
    ['إلىa_1@b.io،', ['a_1@b.io']],
    ['@user و a@b و a@b..c و a@.b.cc و @ و x@y.z1', []],
  ])('finds e-mail addresses in %j', (text, spans) => expect(spansOf(text)).toEqual(spans))

  it.each<[string, string[]]>([
    ['نفذ:\n```sh\nls -l\n```\nتم', ['```sh\nls -l\n```\n']],
    ['~~~\na\n```\n~~~\nb', ['~~~\na\n```\n~~~\n']],
    ['- ```js\n  f()\n  ```\nنص', ['```js\n  f()\n  ```\n']],
    ['نص\n```py\nبلا نهاية', ['```py\nبلا نهاية']],
    ['<think>\n```py\nx = 1\n</think>\nجواب ```x```', ['```py\nx = 1\n', '```x```']],
    ['</think>```\nx\n```\nنص', ['```\nx\n```\n']],
    ['`a` و ``b ` c`` و ```d```', ['`a`', '``b ` c``', '```d```']],
    ['`a\nb و ~~حذف~~ و \\`x', []],
  ])('finds code in %j', (text, spans) => expect(spansOf(text)).toEqual(spans))

  it.each<[string, string[]]>([
    ['ليكن $x^2$ و \\(y\\) و $$z\n+1$$ و \\[\nw\n\n= 2\n\\]', ['$x^2$', '\\(y\\)', '$$z\n+1$$', '\\[\nw\n\n= 2\n\\]']],
    ['بين $5 and $10\n\\$a$ و $ a$', []],
    ['$20M–$30M، $a\nb$', []],
    ['$x = \\$5$، $a $b$', ['$x = \\$5$', '$b$']],
    ['$$a\n \nb$$ و \\(a\n\nb\\)', []],
    ['\\(a \\(b\\) و \\[c \\[d\\]', ['\\(b\\)', '\\[d\\]']],
    ['\\[ a \\\\[2pt] b \\]', []],
    ['$a$$b$', ['$a$', '$b$']],
  ])('finds mathematics in %j', (text, spans) => expect(spansOf(text)).toEqual(spans))

  it('lets the span that opens first win', () => {
    expect(spansOf('`$a` b$ و $`c$ و https://x/`y` d@e.ff`')).toEqual(['`$a`', '$`c$', 'https://x/', '`y`', 'd@e.ff'])
  })

  it('gives spans in order, without overlap and inside the text', () => {
    const mixed = fc
      .tuple(hostileText, fc.constantFrom(' a@b.cc ', 'www.', 'http://x', '://', '@'), hostileText)
      .map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(mixed, (text) => {
        let at = 0
        for (const { start, end } of whitelistedSpans(text)) {
          expect(start).toBeGreaterThanOrEqual(at)
          expect(end).toBeGreaterThan(start)
          at = end
        }
        expect(at).toBeLessThanOrEqual(text.length)
      }),
      { numRuns: 1000 },
    )
  })
})

/** A quadratic scan of any of these takes minutes; the number of letters left shows that each was read to its end. */
describe('scriptCounts of hostile megabytes', () => {
  const million = 1_000_000
  it.each<[string, string, number]>([
    ['one word', 'a'.repeat(million), million],
    ['backticks', '`'.repeat(million), 0],
    ['unclosed round brackets', '\\(a'.repeat(million / 4), million / 4],
    ['unclosed square brackets', '\\[a'.repeat(million / 4), million / 4],
    ['opening dollars', '$a '.repeat(million / 4), million / 4],
    ['broken display dollars', '$$a\n\n'.repeat(million / 5), million / 5],
    ['runs of backticks on one line', '```a``` ``b'.repeat(million / 10), million / 20],
    ['unclosed thinking', '<think>```\n'.repeat(million / 10), 5],
    ['schemes without hosts', 'http://.. '.repeat(million / 10), (4 * million) / 10],
    ['at signs', 'a@a.'.repeat(million / 4), million / 2],
    ['a URL of brackets', `http://a${')'.repeat(million)}`, 0],
    ['blank lines', '\\(\n '.repeat(million / 4), 0],
  ])('reads %s', (_, text, letters) => {
    expect(scriptCounts(text)).toEqual({ arabic: 0, latin: letters, digits: 0 })
  })
})
