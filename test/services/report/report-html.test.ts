import { describe, expect, it } from 'vitest'
import { lineClass } from '../../../services/report/html/escape-html.ts'
import { reportHtml } from '../../../services/report/html/report-html.ts'
import { reportMarkdown } from '../../../services/report/markdown/report-markdown.ts'
import { exampleLine, exampleRanking, exampleReport, exampleStats } from './example-report.ts'

const noCalls = {
  calls: 0,
  fromMemory: 0,
  promptTokens: 0,
  completionTokens: 0,
  costUsd: null,
  paidUsd: null,
  unpriced: 0,
}

const nothingYet = exampleReport({
  conversations: 0,
  rankings: [exampleRanking({ ranked: 0, kept: 0, keptTokens: 0, splits: [], winners: [] })],
  lines: [
    exampleLine({
      conversations: 0,
      inLine: 0,
      complete: 0,
      chunks: { translated: 0, kept: 0, failed: 0, skipped: 0, holes: 0 },
      sums: noCalls,
      lr: exampleStats(null, { notApplicable: 0 }),
      scr: exampleStats(null, { notApplicable: 0 }),
      tokens: null,
      splits: [],
    }),
  ],
  files: [],
})

describe('the page', () => {
  const html = reportHtml(exampleReport())

  it('lets nothing be loaded from elsewhere and holds no script', () => {
    expect(html).toContain(
      `content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`,
    )
    expect(html).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|\ssrc=|https?:/)
  })

  it('links every section from its navigation', () => {
    const targets = [...html.matchAll(/<a href="#([\w-]+)"/g)].map(([, id]) => id)
    expect(targets.length).toBeGreaterThan(8)
    for (const id of targets) expect(html).toContain(` id="${id}"`)
  })

  it('gives every colour for light and dark in one declaration', () => {
    expect(html.match(/--[\w-]+:light-dark\(#[0-9a-f]{6},#[0-9a-f]{6}\)/g)).toHaveLength(15)
  })

  it('gives every table a caption, and every row a head', () => {
    const tables = html.match(/<table>/g)!.length
    expect(html.match(/<caption>/g)).toHaveLength(tables)
    const rows = html.match(/<tr>/g)!.length - html.match(/<thead>/g)!.length
    expect(html.match(/<th scope="row"/g)).toHaveLength(rows)
  })

  it('draws a step line of each translator in its colour, on a linear and on a log axis', () => {
    expect(html.match(/<path class="step c0"/g)).toHaveLength(2)
    expect(html.match(/<path class="step c1"/g)).toHaveLength(2)
    expect(html).toContain('share of candidates, log scale')
  })

  it('draws all candidates in the bin of their values', () => {
    const [lr] = html.match(/<path class="step c0" d="[^"]*"/)!
    expect(lr).toContain('V100.00H80V0.00H82V100.00')
  })
})

it('writes a figure that does not apply in words, and leaves it out of the charts', () => {
  const lines = [exampleLine({ lr: exampleStats(null), scr: exampleStats(null) })]
  const data = exampleReport({ lines, rankings: [exampleRanking({ lr: { mean: null, counted: 0 } })] })
  expect(reportHtml(data)).toContain('>not applicable<')
  expect(reportHtml(data)).not.toContain('class="step')
  expect(reportMarkdown(data)).not.toContain('NaN')
})

it('says of an empty pipeline that nothing has come in, without a figure that looks like one', () => {
  for (const text of [reportHtml(nothingYet), reportMarkdown(nothingYet)]) {
    expect(text).toContain('No conversation has been ranked yet.')
    expect(text).not.toMatch(/NaN|Infinity|undefined|\bnull\b/)
  }
})

it('tells a third and fourth translator by dashes before a new hue', () => {
  expect([0, 1, 2, 3, 4, -1, undefined].map(lineClass)).toEqual(['c0', 'c1', 'c0 d1', 'c1 d1', 'c0 d2', '', ''])
})

describe('pseudo output', () => {
  const data = exampleReport({
    rankings: [exampleRanking({ pseudo: true })],
    lines: [exampleLine({ pseudo: true, backend: 'pseudo' }), exampleLine({ line: 'gemma3' })],
  })

  it('is marked in the head of the page, in the headline and in every section that names it', () => {
    const html = reportHtml(data)
    expect(html).toContain('<p class="stamp">▲ pseudo, no translation</p>')
    expect(html).toMatch(/<h1>.*no translation: pseudo.*<\/h1>/)
    for (const section of ['flow', 'summary', 'splits', 'quality', 'chunks', 'length', 'made']) {
      const from = html.indexOf(`<section id="${section}"`)
      expect(html.slice(from, html.indexOf('</section>', from)), section).toContain('no translation')
    }
  })

  it('is marked in the head of the Markdown and wherever a table names the line', () => {
    const markdown = reportMarkdown(data)
    expect(markdown).toContain('**▲ pseudo: some of this is no translation.**')
    const cells = markdown.split('\n').flatMap((line) => (line.startsWith('|') ? line.split('|') : []))
    const named = cells.filter((cell) => /^ (seedx|release)\b/.test(cell))
    expect(named.length).toBeGreaterThan(5)
    for (const cell of named) expect(cell).toContain('pseudo, no translation')
  })
})

it('shows a price that nobody told as not known, and no calls as none', () => {
  const sums = { ...noCalls, calls: 5, promptTokens: 1, completionTokens: 1 }
  const untold = reportMarkdown(exampleReport({ lines: [exampleLine({ sums })] }))
  expect(untold).toContain('| seedx | openai (seed-x) | 5 | 0 (0.0 %) | 0 | 1 | 1 | not known |')
  const none = exampleLine({ backend: 'recorded', model: '', sums: noCalls })
  expect(reportMarkdown(exampleReport({ lines: [none] }))).toContain('| seedx | recorded | – | – | – | – | – | – |')
})

it('says how many answers told no price, and what pipeline.yaml says otherwise', () => {
  const sums = { ...exampleLine().sums, unpriced: 7 }
  const markdown = reportMarkdown(exampleReport({ lines: [exampleLine({ sums })], edited: ['rank release'] }))
  expect(markdown).toContain('| \\$1.50 (7 answers told no price) |')
  expect(markdown).toContain('pipeline.yaml was edited since: rank release.')
})

it('leaves holes open while conversations are under way', () => {
  const chunks = { translated: 1, kept: 1, failed: 0, skipped: 0, holes: null }
  const markdown = reportMarkdown(exampleReport({ underWay: true, lines: [exampleLine({ chunks })] }))
  expect(markdown).toContain('More are under way.')
  expect(markdown).toContain('**These figures are not final.**')
  expect(markdown).toContain('| seedx (chunked by tokens490) | 2 | 1 | 1 | 0 | 0 | – |')
})
