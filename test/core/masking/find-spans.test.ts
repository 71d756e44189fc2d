import { describe, expect, it } from 'vitest'
import { parseMessage } from '../../../core/conversation/parse-message.ts'
import { findSpans } from '../../../core/masking/find-spans.ts'
import { defaultMaskKinds, type MaskKind } from '../../../core/masking/kinds.ts'
import { chatTurns } from '../conversation/chat-turns.ts'

const spansOf = (text: string, terms: string[] = []): [MaskKind, string][] =>
  findSpans(text, { kinds: defaultMaskKinds, terms }).map(({ kind, start, end }) => [kind, text.slice(start, end)])
const dollar = '$'

describe('findSpans', () => {
  it.each<[MaskKind, string, string[]]>([
    ['inline_code', 'Run `ls -l` or ``a ` b``, not \\`this\\` nor `that', ['`ls -l`', '``a ` b``']],
    ['fence', 'See\n```js\nf()\n```\nthere', ['```js\nf()\n```\n']],
    ['inline_math', 'If $x^2$ and \\(y\\), pay $5 and $10', ['$x^2$', '\\(y\\)']],
    ['inline_math', 'It costs 5$, and the red pen about 3$. Between $5 and 10$.', []],
    ['inline_math', 'Use \\(see the note below\\) or $n choose k$ and $a, b$', ['$n choose k$', '$a, b$']],
    ['display_math', 'So $$x=1$$ and \\[y+2\\], not \\[a word\\]', ['$$x=1$$', '\\[y+2\\]']],
    ['boxed', 'It is \\boxed{\\frac{1}{2}}, \\boxed{ open', ['\\boxed{\\frac{1}{2}}']],
    [
      'latex_command',
      'a \\frac{a}{b} \\textbf{bold words} \\alpha, \\nThen \\x',
      ['\\frac{a}{b}', '\\textbf', '\\alpha', '\\n'],
    ],
    ['calc_mark', '48/2 = <<48/2=24>>24 clips, 1 << 2', ['<<48/2=24>>']],
    [
      'tag',
      'a <b class="x>y">c</b> <br/> <T {...p} f={() => {}}>',
      ['<b class="x>y">', '</b>', '<br/>', '<T {...p} f={() => {}}>'],
    ],
    [
      'tag',
      '<think> </Sandpack> <> </> <|im_end|> <code>a b</code> a <b and c> d',
      ['<think>', '</Sandpack>', '<>', '</>', '<|im_end|>', '<code>a b</code>'],
    ],
    [
      'comment',
      '## A {/*a*/} <!-- b\nc --> <!DOCTYPE html> <!-- open',
      ['{/*a*/}', '<!-- b\nc -->', '<!DOCTYPE html>'],
    ],
    [
      'json',
      'Give {"a": [1, "b"]} or [\'x\', 2] or {\'k\': True}, not a[0], [1], [see] nor {"a": [1',
      ['{"a": [1, "b"]}', "['x', 2]", "{'k': True}"],
    ],
    [
      'placeholder',
      `Hi {name}, {0} {{ x }} ${dollar}{y} %s %1${dollar}s %(n)d %.2f {% if a %} ${dollar}HOME`,
      [
        '{name}',
        '{0}',
        '{{ x }}',
        `${dollar}{y}`,
        '%s',
        `%1${dollar}s`,
        '%(n)d',
        '%.2f',
        '{% if a %}',
        `${dollar}HOME`,
      ],
    ],
    ['placeholder', '50% discount, 100%, 5%d, {two words}, 100% sure', []],
    [
      'url',
      'At https://a.org/b?c=d. Or www.x.org, github.com/a/b and [x](/learn/y#z "t")',
      ['https://a.org/b?c=d', 'www.x.org', 'github.com/a/b', '/learn/y#z'],
    ],
    ['email', 'Write to a.b@c.org.', ['a.b@c.org']],
    [
      'file_path',
      'In /usr/lib/x, ./a/b, src/main.ts, README.md and C:\\a\\b.txt.',
      ['/usr/lib/x', './a/b', 'src/main.ts', 'README.md', 'C:\\a\\b.txt'],
    ],
    ['file_path', 'and/or, he/she, 1/2, 24/7, e.g. this, end.Then, km/h, 3.5, TCP/IP', []],
    ['entity', 'A&nbsp;b &#8217; R&D; AT&T', ['&nbsp;', '&#8217;']],
  ])('finds %s in %j', (kind, text, spans) => {
    expect(
      spansOf(text)
        .filter(([found]) => found === kind)
        .map(([, span]) => span),
    ).toEqual(spans)
  })

  it('takes the span that begins first, with all it holds', () => {
    expect(spansOf('`$a` b$ <a href="https://x.y/`z`">$q$ {"u": "https://x.y"}')).toEqual([
      ['inline_code', '`$a`'],
      ['tag', '<a href="https://x.y/`z`">'],
      ['inline_math', '$q$'],
      ['json', '{"u": "https://x.y"}'],
    ])
  })

  it('masks nothing for what a cut left open', () => {
    for (const text of [
      'code` and more',
      'x^2$ and so on',
      'y\\) is',
      'end of <a href="x',
      'a {"b": 1, "c',
      'so \\(x + y',
    ]) {
      expect(spansOf(text)).toEqual([])
    }
  })

  it('finds terms as whole words, the longest first, outside of other spans', () => {
    const terms = ['New York', 'New York Times', 'C++', 'App', '.NET', 'React']
    expect(spansOf('The New York Times, New York, C++, Apple app App, .NET and React.js `React`', terms)).toEqual([
      ['term', 'New York Times'],
      ['term', 'New York'],
      ['term', 'C++'],
      ['term', 'App'],
      ['term', '.NET'],
      ['file_path', 'React.js'],
      ['inline_code', '`React`'],
    ])
    expect(spansOf('Éa a\u0301 a', ['a'])).toEqual([['term', 'a']])
  })

  it('finds only the kinds that are asked for', () => {
    expect(findSpans('`a` $b$ Term', { kinds: ['inline_math'], terms: ['Term'] })).toEqual([
      { kind: 'inline_math', start: 4, end: 7 },
    ])
  })

  it('leaves fences, thinking tags and calls to the parser, whose parts of them are never translated', () => {
    const kept = chatTurns()
      .flatMap(({ role, content }) => parseMessage(role, content))
      .filter(
        ({ type, text }) => ['code', 'tool_call', 'tool_response', 'tools'].includes(type) || /^<\/?think>/.test(text),
      )
    expect(kept.length).toBeGreaterThan(500)
    expect(new Set(kept.map(({ kind }) => kind))).toEqual(new Set(['keep']))
  })

  it('takes a fence, thinking tags and a call out of a whole message', () => {
    const call = '<tool_call>{"name": "f"}</tool_call>'
    expect(spansOf(`<think>\nso\n</think>\n~~~py\nx = 1\n~~~\n${call}`).map(([, span]) => span)).toEqual([
      '<think>',
      '</think>',
      '~~~py\nx = 1\n~~~\n',
      call,
    ])
  })
})
