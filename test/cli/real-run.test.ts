import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runBeside } from '../../cli/program.ts'
import { openWorkspace, type Workspace } from '../../cli/workspace.ts'
import { fakeOpenai } from '../fake-openai/server.ts'
import { type Ended, kalam, workFolder } from '../system/kalam.ts'

const row = (...contents: string[]): string =>
  JSON.stringify({
    messages: contents.map((content, at) => ({ role: at % 2 === 0 ? 'user' : 'assistant', content })),
  })

const files = {
  'alpha.jsonl': [
    row('What is the capital of France, and why is it there?', 'Paris lies on the river Seine.'),
    row('Please lose this sentence.', 'It comes back empty.'),
    row('One more talk of two.', 'That is enough.'),
    row('Print it.', '```python\nprint(1)\n```'),
    row('Only', 'A short talk.', 'And again?', 'Yes, again.'),
  ],
  'beta.jsonl': [
    row('Copy this sentence as it stands.', 'And copy this one too.'),
    row('Good morning to you.', 'Good morning.'),
  ],
  'broken.jsonl': ['{"messages": null}', '', 'no json at all | `x` <script>'],
}

const pipeline = (url: string) => `
pipeline: asked
partitions: 2
sources: [{ name: talk, path: data }]
chunkings: { lines25: { by: lines } }
translators:
  first: { backend: openai, url: "${url}", model: model-one, chunking: lines25, attempts: 2, checks: { copy: off, unchanged: off, wrong_script: off, part_copied: off } }
  second: { backend: pseudo, chunking: lines25, splits: { except: [beta] } }
rankings:
  first_ranked: { candidates: [first] }
  release: { candidates: [first, second], keep: { lr: ">= 0.2", scr: ">= 0.8" } }
`

/** Empty where a text is to be lost, English where it is to be copied, else Arabic letters for Latin ones. */
const answer = (segment: string): string => {
  if (segment.includes('lose')) return ''
  if (/copy/i.test(segment)) return segment
  return segment.replaceAll(/[a-z]/gi, 'ع')
}

describe('a real run, asked about', () => {
  let server: Awaited<ReturnType<typeof fakeOpenai>>
  let ended: Ended
  let strict: Ended
  let workspace: Workspace
  let markdown: string
  const folder = workFolder()

  beforeAll(async () => {
    server = await fakeOpenai({ answer })
    mkdirSync(join(folder.path, 'data'))
    for (const [name, lines] of Object.entries(files))
      writeFileSync(join(folder.path, 'data', name), `${lines.join('\n')}\n`)
    writeFileSync(join(folder.path, 'pipeline.yaml'), pipeline(server.url))
    ended = await kalam(folder.path, 'run')
    strict = await kalam(folder.path, 'run', '--strict')
    markdown = readFileSync(join(folder.path, 'out/report.md'), 'utf8')
    workspace = await openWorkspace(join(folder.path, 'pipeline.yaml'), { env: process.env, create: false })
  })
  afterAll(async () => {
    await workspace.close()
    await server.close()
    folder.remove()
  })
  /** As beside a run: with the workspace that is open already. */
  const ask = (...argv: string[]) => runBeside({ argv, cwd: '.', columns: 100, isTty: false }, workspace, process.env)

  it('ends with a summary of what it did and what to look at', () => {
    expect(ended.code, ended.err).toBe(0)
    expect(ended.out).toMatch(/^asked {2}done in \d+ m?s\n/)
    expect(ended.out).toContain('  kept       6 of 7 conversations (85.7 %), ')
    expect(ended.out).toContain('  dropped    1: scr_below_0.8 1\n')
    expect(ended.out).toContain('  also kept  first_ranked 5 of 7\n')
    expect(ended.out).toContain('holes 0\n')
    expect(ended.out).toContain('! second is the pseudo translator: no translation.')
    expect(ended.out).toContain('! 1 chunk failed. first: empty 1.')
    expect(ended.out).toContain('! 2 rows did not come in. invalid_json 1, null_messages 1.')
    expect(ended.out).toContain(join(folder.path, 'out/report.html'))
  })

  it('exits with 3 when something failed and --strict was given', () => {
    expect(strict.code, strict.err).toBe(3)
  })

  it('answers a query with all its columns, in their order', async () => {
    const query = 'SELECT a.id, b.id, 7 AS "2", 8 AS "1" FROM v_ranked a JOIN v_ranked b ON a.id = b.id LIMIT 1'
    expect((await ask('sql', '--format', 'csv', query)).out).toMatch(/^id,b\.id,2,1\ntalk[^,]+,talk[^,]+,7,8\n$/)
    expect((await ask('sql', '--format', 'json', query)).out).toMatch(/^\{"id":.*,"b\.id":.*,"2":7,"1":8\}\n$/)
    const twice = await ask('sql', '--format', 'json', 'SELECT 1, 1')
    expect([twice.code, twice.err]).toEqual([2, expect.stringContaining('two columns are named "1"')])
  })

  describe('the report', () => {
    it('counts every split as its winners in the tables do', async () => {
      const rows = (await ask('sql', '--format', 'json', splitsQuery)).out.trim().split('\n')
      expect(rows).toHaveLength(2)
      for (const line of rows) {
        const found = JSON.parse(line) as Record<string, number>
        const { split, n, lr, scr, turns, tokens, kept } = found
        const figures = [lr!.toFixed(4), scr!.toFixed(4), turns!.toFixed(2), tokens!.toFixed(2)]
        const share = kept === n ? `${kept}` : `${kept} (${((kept! / n!) * 100).toFixed(1)} %)`
        const cells = [split, n, ...figures, share]
        expect(markdown.replaceAll('▲ ', '')).toContain(`| ${cells.join(' | ')} |`)
      }
    })

    it('has the ledger of every line, without a hole', () => {
      expect(markdown).toMatch(/\| first \(chunked by lines25\) \| \d+ \| \d+ \| \d+ \| ▲ 1 \| 0 \| 0 \|/)
      expect(markdown).toMatch(
        /\| second \(pseudo, no translation\) \(chunked by lines25\) \| \d+ \| \d+ \| \d+ \| 0 \| 2 \(not_in_line 2\) \| 0 \|/,
      )
    })

    it('tells that letters for letters save nothing that a line lost, answers refused, and bad rows with their places', () => {
      expect(markdown).toContain('No conversation was saved by another line.')
      expect(markdown).toContain('| first | openai (model-one) |')
      expect(markdown).toContain('2 (empty 2)')
      expect(markdown).toContain('| broken.jsonl:1 | ingest | `null_messages` |')
      expect(markdown).toContain('| broken.jsonl:3 | ingest | `invalid_json` |')
      expect(markdown).toContain('| broken.jsonl | talk | 2 | 0 | 0 | ▲ 2 |')
    })

    it('is written again, with the same figures, when it is asked for', async () => {
      const again = await ask('report')
      expect(again.out).toBe(`${join(folder.path, 'out/report.html')}\n${join(folder.path, 'out/report.md')}\n`)
      const withoutTime = (text: string) => text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '')
      expect(withoutTime(readFileSync(join(folder.path, 'out/report.md'), 'utf8'))).toBe(withoutTime(markdown))
    })

    it('says in HTML that some of it is no translation', () => {
      const html = readFileSync(join(folder.path, 'out/report.html'), 'utf8')
      expect(html).toContain('<p class="stamp">▲ pseudo, no translation</p>')
      expect(html).not.toContain('<script')
    })
  })

  describe('status', () => {
    it('shows that nothing waits', async () => {
      const { out, code } = await ask('status')
      expect(code).toBe(0)
      expect(out).toMatch(/translate {2}first +1 +(\d+) +\1 +0 +–\n/)
      expect(out).toContain('sources    3 files, 9 rows read: 7 came in, 2 bad')
      expect(out).toContain('1 failed chunk, 2 dead letters')
      expect(out).not.toContain('Something waits')
    })

    it('gives the same to machines', async () => {
      const status = JSON.parse((await ask('status', '--json')).out) as {
        lines: { stage: string; waiting: number }[]
        files: unknown[]
        deadLetters: number
        failedChunks: number
        lastRun: { outcome: string }
      }
      expect(status).toMatchObject({ deadLetters: 2, failedChunks: 1, lastRun: { outcome: 'done' } })
      expect(status.files).toHaveLength(3)
      expect(status.lines.every(({ waiting }) => waiting === 0)).toBe(true)
      expect(new Set(status.lines.map(({ stage }) => stage))).toEqual(
        new Set(['chunk', 'translate', 'score', 'rank', 'land']),
      )
    })
  })

  describe('inspect', () => {
    it('shows verdict, figures side by side, and every text alone on its lines', async () => {
      const { out, code } = await ask('inspect', 'talk/alpha/1')
      expect(code).toBe(0)
      expect(out).toContain('talk/alpha/1   2 messages   release: keep, winner second (B)\n')
      expect(out).toContain('why: second wins: first is incomplete (empty)')
      expect(out).toContain('also: first_ranked drop (incomplete), winner first')
      expect(out).toContain('! second: pseudo, no translation')
      expect(out).toMatch(/\n +A first +B second +A − B\n/)
      expect(out).toMatch(/\nchunks failed +1 +0\n/)
      expect(out).toMatch(/\nflags +hole +none\n/)
      expect(out).toMatch(/--- A first -+\n! hole: chunk 0: empty\nPlease lose this sentence\.\n/)
      for (const line of out.split('\n').filter((text) => /\p{Script=Arabic}/u.test(text)))
        expect(line).not.toMatch(/---|[|│] /)
    })

    it('says where a candidate is not in line', async () => {
      expect((await ask('inspect', 'talk/beta/0')).out).toMatch(/--- B second: not in line -+\n/)
    })

    it('shows the end of every chunk with --full, and everything as --json', async () => {
      expect((await ask('inspect', 'talk/alpha/1', '--full')).out).toContain(
        '1 chunk: text failed empty after 2 answers',
      )
      const facts = JSON.parse((await ask('inspect', 'talk/alpha/1', '--json', '--ranking', 'release')).out) as Record<
        string,
        { ranking: string }[]
      >
      expect(facts.verdicts!.map(({ ranking }) => ranking)).toEqual(['release'])
      expect(facts.targets).toHaveLength(4)
      expect(facts.chunks).toHaveLength(4)
    })

    it('refuses an id and a ranking that are not there', async () => {
      const none = await ask('inspect', 'talk/alpha/99')
      expect([none.code, none.out]).toEqual([1, ''])
      expect(none.err).toContain('error not_found: inspecting talk/alpha/99: no such conversation came in')
      expect((await ask('inspect', 'talk/alpha/1', '--ranking', 'other')).err).toContain(
        'There is first_ranked, release.',
      )
    })
  })

  describe('why', () => {
    const why = async (what: string) => {
      const { out, err, code } = await ask('why', what)
      return { text: out + err, code }
    }

    it('tells of a kept conversation what every line and ranking did', async () => {
      const { text, code } = await why('talk/alpha/1')
      expect(code).toBe(0)
      expect(text).toContain('talk/alpha/1 came in from alpha.jsonl:2\n')
      expect(text).toContain('  first: incomplete: 1 chunk failed with empty; LR ')
      expect(text).toContain('  second: complete; LR 1.000, SCR 1.000; pseudo, no translation\n')
      expect(text).toContain('  first_ranked: dropped (incomplete). ')
      expect(text).toContain('  release: kept. second wins: first is incomplete (empty)\n')
    })

    it('finds a row by its place, also with its folder', async () => {
      for (const place of ['alpha.jsonl:2', 'data/alpha.jsonl:2'])
        expect((await why(place)).text).toContain('talk/alpha/1 came in from alpha.jsonl:2\n')
    })

    it('tells which splits a translator leaves out, and why a conversation was dropped', async () => {
      expect((await why('talk/beta/0')).text).toContain('  second: not in line, it takes all but beta\n')
      const copies = await ask(
        'sql',
        '--format',
        'json',
        "SELECT id FROM v_ranked WHERE ranking = 'release' AND NOT keep",
      )
      expect(JSON.parse(copies.out)).toEqual({ id: 'talk/beta/0' })
      expect((await why('talk/beta/0')).text).toContain('  release: dropped (scr_below_0.8). ')
    })

    it('tells of rows that never came in, by place and by the id they would have', async () => {
      expect(await why('broken.jsonl:1')).toMatchObject({
        code: 0,
        text: expect.stringContaining('broken.jsonl:1 never came in: bad at ingest, null_messages: messages is null'),
      })
      const { text } = await why('talk/broken/1')
      expect(text).toContain('broken.jsonl:3 never came in: bad at ingest, invalid_json:')
      expect(text).toContain('it would be talk/broken/1; bytes 20 to ')
    })

    it('fails for what is no row, and says what was read', async () => {
      expect(await why('broken.jsonl:2')).toMatchObject({
        code: 1,
        text: expect.stringContaining('line 2 of broken.jsonl was read and is no row'),
      })
      expect((await why('alpha.jsonl:40')).text).toContain('alpha.jsonl ends at line 5')
      expect((await why('talk/alpha/5')).text).toContain('5 rows of split alpha have been read, none of them is 5')
      expect((await why('alpah.jsonl:1')).text).toContain('Did you mean alpha.jsonl:1?')
    })
  })
})

const splitsQuery = `SELECT split, count() AS n, avg(metrics['lr_all']) AS lr, avg(metrics['scr_all']) AS scr, avg(metrics['turns']) AS turns,
avg(metrics['tokens_content']) AS tokens, countIf(keep) AS kept FROM v_ranked WHERE ranking = 'release' GROUP BY split`
