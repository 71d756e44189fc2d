import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Key, open } from 'lmdb'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { copyData, type Ended, filesBelow, kalam, root, startKalam, workFolder } from './kalam.ts'

const pipeline = `
pipeline: state
sources: [{ name: chat, path: data }]
chunkings: { lines25: { by: lines } }
translators: { pseudo: { backend: pseudo, chunking: lines25 } }
rankings: { release: { candidates: [pseudo] } }
`

const expectNoStack = ({ out, err }: Ended) => expect(out + err).not.toMatch(/\n\s+at /)

/** A run whose files may have at most so many kilobytes. */
const runLimited = (cwd: string, kilobytes: number): Promise<Ended> => {
  const command = `ulimit -f ${kilobytes}; exec "${process.execPath}" "${join(root, 'bin/kalam.js')}" run`
  const child: ChildProcess = spawn('bash', ['-c', command], {
    cwd,
    env: { ...process.env, CI: '1', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout!.on('data', (piece) => {
    out += piece
  })
  child.stderr!.on('data', (piece) => {
    err += piece
  })
  return new Promise((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal, out, err: withoutLmdb(err) })),
  )
}

/** What LMDB's own code now and then writes to the terminal before the error reaches us. */
const withoutLmdb = (err: string): string => err.replace(/Write error: [^\n]*?, size \d+\n?/g, '')

const exported = (folder: string): string =>
  [...filesBelow(join(folder, 'out/release/data'))].map(([name, bytes]) => `${name} ${bytes.toString('base64')}`).join()

describe('a run whose disk gets full', () => {
  const folder = workFolder({ 'pipeline.yaml': pipeline })
  const calm = workFolder({ 'pipeline.yaml': pipeline })
  const editedPipeline = () =>
    writeFileSync(join(folder.path, 'pipeline.yaml'), pipeline.replace('by: lines', 'by: lines, count: 7'))
  let stopped: Ended

  beforeAll(async () => {
    copyData('chat/multi_turn.jsonl', join(folder.path, 'data/multi_turn.jsonl'))
    cpSync(join(folder.path, 'data'), join(calm.path, 'data'), { recursive: true })
    // What is compiled at a first start is larger than the limit.
    await kalam(folder.path, '--help')
    stopped = await runLimited(folder.path, 400)
  }, 180_000)
  afterAll(() => {
    folder.remove()
    calm.remove()
  })

  it('says disk_full and what to do', () => {
    expectNoStack(stopped)
    expect(stopped.err).toMatch(/^error disk_full: writing to .*\.kalam/)
    expect(stopped.err).toContain('Nothing committed is lost. Make room and run the same command again.')
    expect(stopped.code).toBe(1)
  })

  it('refuses an edited setting then, with the line, both values and what to do', async () => {
    editedPipeline()
    const refused = await kalam(folder.path, 'run')
    writeFileSync(join(folder.path, 'pipeline.yaml'), pipeline)
    expectNoStack(refused)
    expect(refused.code).toBe(1)
    expect(refused.err).toMatch(/^error settings_changed: comparing pipeline\.yaml with what was built:/)
    expect(refused.err).toContain('  chunk lines25: chunking.count: 25 became 7\n')
    expect(refused.err).toContain('  built on that: translate pseudo, score pseudo, rank release\n')
    expect(refused.err).toContain('Put the settings back')
    expect(refused.err).not.toMatch(/[0-9a-f]{64}/)
  })

  it('goes on with room and the setting put back, to the export that an undisturbed run makes', async () => {
    const [again, undisturbed] = [await kalam(folder.path, 'run'), await kalam(calm.path, 'run')]
    expect(again.code, again.err).toBe(0)
    expect(undisturbed.code).toBe(0)
    expect(exported(folder.path) === exported(calm.path)).toBe(true)
    const verified = await kalam(folder.path, 'verify')
    expect(verified.out).not.toContain('BROKEN')
    expect(verified.code).toBe(0)
  }, 180_000)
})

describe('a state folder', () => {
  const folder = workFolder({ 'pipeline.yaml': pipeline })
  const data = join(folder.path, 'data/gsm8k.jsonl')
  const row = (text: string) => `${JSON.stringify({ messages: [{ role: 'user', content: text }] })}\n`
  const found = async (query: string): Promise<number> => {
    const { out } = await kalam(folder.path, 'sql', '--format', 'json', query)
    return (JSON.parse(out || '{"n":-1}') as { n: number }).n
  }

  beforeAll(() => {
    mkdirSync(join(folder.path, 'data'))
    copyData('chat/gsm8k.jsonl', data)
  })
  afterAll(() => folder.remove())

  it('is for one run at a time: a second one is refused and the first goes on with what is appended', async () => {
    const first = startKalam(folder.path, ['run', '--follow'])
    onTestFinished(() => void first.child.kill('SIGKILL'))
    while (!existsSync(join(folder.path, '.kalam/socket'))) await new Promise((resolve) => setTimeout(resolve, 50))
    const second = await kalam(folder.path, 'run')
    expectNoStack(second)
    expect(second.code).toBe(1)
    expect(second.err).toMatch(
      new RegExp(`^error state_in_use: opening .*: process ${first.child.pid} is running on it`),
    )
    expect(second.err).toContain(`kill ${first.child.pid}`)
    appendFileSync(data, `${row('One more')}{"half":\n${row('And one')}`)
    const query = "SELECT count() AS n FROM v_ranked WHERE id IN ('chat/gsm8k/0', 'chat/gsm8k/2')"
    while ((await found(query)) < 2) expect(first.child.exitCode).toBeNull()
    first.child.kill('SIGINT')
    const ended = await first.ended
    expectNoStack(ended)
    expect(ended.code).toBe(130)
    expect(ended.err).toContain('the same command goes on from here')
    const why = await kalam(folder.path, 'why', 'gsm8k.jsonl:52')
    expect(why.out).toMatch(/^gsm8k\.jsonl:52 never came in: bad at ingest, invalid_json/)
  }, 180_000)

  it('gives a later run what was appended, and refuses a file that has become shorter', async () => {
    const whole = readFileSync(data)
    writeFileSync(data, whole.subarray(0, 1000))
    const refused = await kalam(folder.path, 'run')
    expectNoStack(refused)
    expect(refused.code).toBe(1)
    expect(refused.err).toContain(
      `gsm8k.jsonl was changed: it has 1000 bytes, and ${whole.length} of it were read before`,
    )
    expect(refused.err).toContain('as a new source in pipeline.yaml')
    expect((await kalam(folder.path, 'status')).out).toMatch(/^last run from .* UTC: failed after /m)
    writeFileSync(data, `${whole}${row('A third')}`)
    const again = await kalam(folder.path, 'run')
    expect(again.code, again.err).toBe(0)
    expect(again.out).toContain('54 read: 53 came in, 1 bad')
  })

  it('of another pipeline is refused', async () => {
    writeFileSync(join(folder.path, 'other.yaml'), pipeline.replace('pipeline: state', 'pipeline: other'))
    const refused = await kalam(folder.path, 'run', 'other.yaml')
    expectNoStack(refused)
    expect(refused.code).toBe(1)
    expect(refused.err).toMatch(/^error state_of_other_pipeline: .*: it belongs to pipeline state, not other/)
    expect(refused.err).toContain('Set another state: folder in pipeline.yaml')
  })

  it('of another version of the format is refused', async () => {
    const db = open<Buffer, Key>({ path: join(folder.path, '.kalam/log/log.mdb'), encoding: 'binary', pageSize: 8192 })
    await db.put(['m', 'format'], Buffer.from('99'))
    await db.close()
    const refused = await kalam(folder.path, 'run')
    expectNoStack(refused)
    expect(refused.code).toBe(1)
    expect(refused.err).toMatch(/^error state_of_other_version: .*: its format is 99, this kalam writes \d+/)
    expect(refused.err).toContain('Use the kalam that made it, or another state folder')
  })

  it('that was never made is told apart from an empty one', async () => {
    writeFileSync(join(folder.path, 'new.yaml'), `${pipeline}state: elsewhere\n`)
    const refused = await kalam(folder.path, 'status', '-p', 'new.yaml')
    expectNoStack(refused)
    expect(refused.code).toBe(1)
    expect(refused.err).toMatch(/^error not_found: .*: this pipeline has not run yet\n\n {2}kalam run new\.yaml/)
    expect(existsSync(join(folder.path, 'elsewhere'))).toBe(false)
  })
})
