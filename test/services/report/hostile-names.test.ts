import { describe, expect, it } from 'vitest'
import { reportHtml } from '../../../services/report/html/report-html.ts'
import { escapeMarkdown, markdownCode } from '../../../services/report/markdown/escape-markdown.ts'
import { reportMarkdown } from '../../../services/report/markdown/report-markdown.ts'
import { exampleLine, exampleRanking, exampleReport, exampleSplit } from './example-report.ts'

const of = (...codes: number[]): string => String.fromCharCode(...codes)

const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</td></tr></table><h1>gone</h1>',
  'a | b || c',
  '`code` ``` more',
  'first\nsecond\r\n\n# third',
  '[link](javascript:alert(1)) ![i](x) <ftp://x.y>',
  '**bold** _so_ ~~gone~~ \\| back',
  `left${of(0x202e)}right${of(0x2066)}open${of(0x2069, 0x2069)} قسم ${of(0x200f)}`,
  `bell${of(7)} escape${of(0x1b)}[31m null${of(0)} lone${of(0xd800)}`,
  '&lt;b&gt; &amp;amp;',
]

const reasons = (count: number) => hostile.map((reason) => ({ reason, count }))

const hostileReport = exampleReport({
  underWay: true,
  rankings: [
    exampleRanking({
      kept: 1,
      splits: hostile.map((split) => exampleSplit({ split, kept: 1 })),
      dropped: reasons(2),
    }),
  ],
  lines: [
    exampleLine({
      model: hostile[0]!,
      failures: reasons(3),
      skips: reasons(3),
      refused: reasons(4),
      flagged: reasons(1),
      chunks: { translated: 1, kept: 1, failed: 36, skipped: 36, holes: 2 },
      splits: hostile.map((split) => ({
        split,
        candidates: 10,
        lr: { mean: 0.99, counted: 10 },
        scr: { mean: 0.01, counted: 10 },
      })),
    }),
    exampleLine({ line: 'gemma3' }),
  ],
  files: hostile.map((file) => ({ source: file, file, rows: 3, selected: 1, dropped: 1, bad: 1, done: false })),
  badRows: hostile.map((text, line) => ({ stage: text, file: text, line, reason: text, detail: text })),
  badRowReasons: reasons(1),
})

const voidTags = new Set(['meta', 'br', 'wbr', 'rect', 'path', 'input'])
const tag = /<(\/?)([a-z0-9]+)((?:\s+[\w-]+(?:="[^"<>]*")?)*)\s*\/?>/g

/** The tags of a page, each with its attributes' names; throws where they do not nest. */
const tagsOf = (html: string): { name: string; attributes: string[] }[] => {
  const open: string[] = []
  const tags: { name: string; attributes: string[] }[] = []
  for (const [, close, name = '', rest = ''] of html.matchAll(tag)) {
    if (close === '/') {
      if (open.pop() !== name) throw new Error(`</${name}> closes nothing`)
      continue
    }
    const attributes = rest
      .replaceAll(/="[^"]*"/g, '')
      .trim()
      .split(/\s+/)
    tags.push({ name, attributes: attributes.filter((attribute) => attribute !== '') })
    if (!voidTags.has(name)) open.push(name)
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)}> is never closed`)
  return tags
}

const controls = /[\p{Cs}\u0001-\u0009\u000b-\u001f\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

describe('HTML of hostile names, reasons and details', () => {
  const bodyOf = (html: string): string => html.slice(html.indexOf('<body>'), html.indexOf('</html>'))
  const body = bodyOf(reportHtml(hostileReport))

  it('has no tag but those of the report, and no attribute that acts or loads', () => {
    const tags = tagsOf(body)
    const names = new Set(tags.map(({ name }) => name))
    for (const forbidden of ['script', 'img', 'iframe', 'link', 'style']) expect(names).not.toContain(forbidden)
    expect(tags.filter(({ name }) => name === 'h1')).toHaveLength(1)
    const attributes = new Set(tags.flatMap((found) => found.attributes))
    expect([...attributes].filter((name) => name.startsWith('on') || name === 'src' || name === 'x')).toEqual(['x'])
    expect(tags.filter((found) => found.attributes.includes('x')).every(({ name }) => name === 'rect')).toBe(true)
  })

  it('leaves no angle bracket outside of tags', () => {
    expect(body.replaceAll(tag, '')).not.toMatch(/[<>]/)
  })

  it('shows every text as it is', () => {
    const text = body.replaceAll('<wbr>', '')
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(text).toContain('&amp;lt;b&amp;gt; &amp;amp;amp;')
  })

  it('shows control characters and direction marks instead of obeying them', () => {
    expect(body).not.toMatch(controls)
    expect(body).toContain('left⟨U+202E⟩right⟨U+2066⟩open⟨U+2069⟩⟨U+2069⟩ قسم ⟨U+200F⟩')
    expect(body).toContain('null⟨U+0000⟩')
  })

  it('suggests no command with a name that a shell would read otherwise', () => {
    const commands = [...body.matchAll(/kalam sql [^<]*/g)].map(([command]) => command)
    expect(commands.length).toBeGreaterThan(0)
    for (const command of commands) expect(command).not.toMatch(/alert|bold|third/)
  })
})

describe('Markdown of hostile names, reasons and details', () => {
  const markdown = reportMarkdown(hostileReport)

  it('gives every row of a table as many cells as its head', () => {
    const blocks = markdown
      .trimEnd()
      .split('\n\n')
      .filter((block) => block.startsWith('|'))
    expect(blocks.length).toBeGreaterThan(8)
    for (const block of blocks) {
      const widths = block.split('\n').map((line) => line.replaceAll(/\\./g, '').split('|').length)
      expect(new Set(widths).size, block).toBe(1)
    }
  })

  it('has no HTML, and no heading that a name made', () => {
    expect(markdown).not.toMatch(/<[a-z/]/i)
    expect(markdown.match(/^# .*$/gm)).toEqual(['# smolkalam'])
  })

  it('has no control character or direction mark', () => {
    expect(markdown).not.toMatch(controls)
  })
})

it('escapes what Markdown would read and leaves snake_case readable', () => {
  expect(escapeMarkdown('lr_below_0.5 a|b `c` *d* _e_ <f> [g] #h')).toBe(
    'lr_below_0.5 a\\|b \\`c\\` \\*d\\* \\_e\\_ &lt;f&gt; \\[g\\] \\#h',
  )
})

it('writes codes as code unless code cannot hold them', () => {
  expect(['lr_below_0.5', 'a`b', 'a|b', ''].map(markdownCode)).toEqual(['`lr_below_0.5`', 'a\\`b', 'a\\|b', ''])
})
