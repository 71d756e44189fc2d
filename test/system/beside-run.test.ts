import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeOpenai } from '../fake-openai/server.ts'
import { kalam, startKalam, workFolder } from './kalam.ts'

const row = (words: string) =>
  `${JSON.stringify({
    messages: [
      { role: 'user', content: `Say ${words}` },
      { role: 'assistant', content: words },
    ],
  })}\n`
const data = Array.from({ length: 40 }, (_, i) => row(`number ${i}`)).join('')

describe('beside a run that follows its file', () => {
  let server: Awaited<ReturnType<typeof fakeOpenai>>
  let folder: { path: string; remove(): void }
  let run: ReturnType<typeof startKalam>

  beforeAll(async () => {
    server = await fakeOpenai({ latencyMs: 20 })
    folder = workFolder({
      'data.jsonl': data,
      'pipeline.yaml': `
pipeline: beside
sources: [{ name: talk, path: data.jsonl }]
chunkings: { all: { by: tokens } }
translators: { model: { backend: openai, url: "${server.url}", model: m, chunking: all, slots: 4 } }
rankings: { release: { candidates: [model] } }
`,
    })
    run = startKalam(folder.path, ['run', '--follow'])
    await until(async () => (await ranked()) === 40)
  })
  afterAll(async () => {
    run.child.kill('SIGKILL')
    await run.ended
    await server.close()
    folder.remove()
  })

  const ranked = async (): Promise<number> => {
    const { out, code } = await kalam(
      folder.path,
      'sql',
      '--format',
      'json',
      'SELECT least((SELECT count() FROM v_ranked), (SELECT count() FROM v_conversations)) AS n',
    )
    return code === 0 ? (JSON.parse(out) as { n: number }).n : -1
  }
  const until = async (reached: () => Promise<boolean>): Promise<void> => {
    while (!(await reached())) await sleep(100)
  }

  it.each([
    [['status'], /translate\s+model/],
    [['status', '--json'], /"pipeline":"beside"/],
    [['dead-letters', 'list'], /^no dead letters/],
    [['inspect', 'talk/data/3'], /talk\/data\/3/],
    [['why', 'talk/data/3'], /talk\/data\/3/],
    [['why', 'data.jsonl:4'], /talk\/data\/3/],
    [['report'], /report\.html/],
    [['export', 'release'], /release: 40 kept/],
    [['verify'], /ok {6}every conversation is ranked once/],
    [['plan'], /rank +release +goes on[^\n]*\n\nNothing was edited: the run goes on\.\n/],
    [['config', 'check'], /beside/],
    [['try', 'model', 'talk/data/3'], /answer, from the memory/],
    [['try', 'model', 'Say nothing', '--dry'], /^text\n {2}Say nothing\n\nrequest, attempt 0\n/],
    [['memory', 'stats'], /^\d+ answers, /],
  ])('answers kalam %j', async (args, answer) => {
    const { code, out, err } = await kalam(folder.path, ...args)
    expect(code, err).toBe(0)
    expect(out).toMatch(answer)
  })

  it('plans what is edited meanwhile, by the file as it is now and from any folder', async () => {
    const written = readFileSync(join(folder.path, 'pipeline.yaml'), 'utf8')
    const write = (text: string) => writeFileSync(join(folder.path, 'pipeline.yaml'), text)
    write(written.replace('rankings: {', 'rankings: { more: { candidates: [model] },'))
    const elsewhere = await kalam(join(folder.path, 'out'), 'plan', '../pipeline.yaml')
    write(written.replace('by: tokens', 'by: lines'))
    const edited = await kalam(folder.path, 'plan')
    write(written)
    expect(elsewhere.out).toMatch(/rank +more +new .*\nrank +release +goes on/)
    expect(elsewhere.out).toContain('New lines are built from all that came in, by the next run;')
    expect(edited.code).toBe(1)
    expect(edited.out).toMatch(/chunk +all +edited[^\n]*\ntranslate +model +with it /)
    expect((await kalam(folder.path, 'plan')).out).toContain('Nothing was edited')
  })

  it('is watched from another process until that is stopped, and answers others meanwhile', async () => {
    const watching = startKalam(folder.path, ['status', '--watch', '--json'])
    let seen = ''
    watching.child.stdout!.on('data', (text: string) => {
      seen += text
    })
    await until(async () => seen.split('\n').length > 2)
    expect((await kalam(folder.path, 'status')).code).toBe(0)
    watching.child.kill('SIGINT')
    const { code, out } = await watching.ended
    expect(code).toBe(0)
    const first = JSON.parse(out.split('\n')[0]!)
    expect(first).toMatchObject({ running: true, log: 'embedded' })
    expect(first.lines[0]).toMatchObject({ stage: 'chunk', members: null, perSecond: 0, leftSeconds: 0 })
  })

  it('refuses a second run and goes on', async () => {
    const second = await kalam(folder.path, 'run')
    expect(second.code).toBe(1)
    expect(second.err).toContain('error state_in_use')
    expect(second.err).toContain(String(run.child.pid))
    expect(run.child.exitCode).toBe(null)
  })

  it('takes in rows as they are appended, a half line only when it is whole', async () => {
    const half = row('the last')
    appendFileSync(join(folder.path, 'data.jsonl'), row('one more') + half.slice(0, 20))
    await until(async () => (await ranked()) === 41)
    appendFileSync(join(folder.path, 'data.jsonl'), half.slice(20))
    await until(async () => (await ranked()) === 42)
    expect((await kalam(folder.path, 'status')).out).toMatch(/42 rows read: 42 came in, 0 bad/)
  })

  it('stops on Ctrl-C, keeps what is finished and leaves nothing behind that is in the way', async () => {
    run.child.kill('SIGINT')
    const { code, err } = await run.ended
    expect(code).toBe(130)
    expect(err).toContain('stopped: everything finished so far is kept')
    expect(existsSync(join(folder.path, '.kalam/socket'))).toBe(false)
    const calls = server.stats.calls
    const again = await kalam(folder.path, 'run')
    expect(again.code, again.err).toBe(0)
    expect(again.out).toContain('42 of 42 conversations')
    expect(server.stats.calls).toBe(calls)
  })
})
