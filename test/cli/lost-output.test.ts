import { spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fakeOpenai } from '../fake-openai/server.ts'
import { kalam, root, startKalam, workFolder } from '../system/kalam.ts'

const row = (content: string): string => `${JSON.stringify({ messages: [{ role: 'user', content }] })}\n`
const pipeline = (translator: string): string => `
pipeline: lost
sources: [{ name: talk, path: data.jsonl }]
chunkings: { all: { by: tokens } }
translators: { model: ${translator} }
rankings: { release: { candidates: [model] } }
`

/** Runs the CLI with standard output where nothing can be written. */
const intoFullDisk = (cwd: string, ...args: string[]): Promise<{ code: number | null; err: string }> => {
  const full = openSync('/dev/full', 'w')
  const child = spawn(process.execPath, [join(root, 'bin/kalam.js'), ...args], {
    cwd,
    env: { ...process.env, CI: '1', NO_COLOR: '1' },
    stdio: ['ignore', full, 'pipe'],
  })
  closeSync(full)
  let err = ''
  child.stderr!.setEncoding('utf8').on('data', (piece) => {
    err += piece
  })
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, err })))
}

/** A disk that is always full; only Linux has it. */
const hasFullDisk = existsSync('/dev/full')
/** What opens a terminal for a command; small containers have none. */
const hasTerminals = spawnSync('script', ['--version']).status === 0

const told =
  /^error disk_full: writing to standard output: ENOSPC.*\n\n {2}What the command says is lost from here on\. .*\n$/

describe('output that is lost', () => {
  it('costs a run nothing but what it would have said', async () => {
    const server = await fakeOpenai()
    const here = workFolder({
      'data.jsonl': row('Say it.'),
      'pipeline.yaml': pipeline(`{ backend: openai, url: "${server.url}", model: m, chunking: all }`),
    })
    server.setDown(true)
    const run = startKalam(here.path, ['run'])
    // It has nobody to tell that its server is away, nor what it did at last.
    run.child.stdout!.destroy()
    run.child.stderr!.destroy()
    // It has said so by the time it asks again.
    await expect.poll(() => server.stats.calls, { timeout: 50_000 }).toBeGreaterThan(2)
    server.setDown(false)
    const { code, signal } = await run.ended
    expect({ code, signal }).toEqual({ code: 0, signal: null })
    expect(existsSync(join(here.path, 'out/release/README.md'))).toBe(true)
    await server.close()
    here.remove()
  })

  it.skipIf(!hasFullDisk)('is told where a command has no more to do than to say it', async () => {
    const { code, err } = await intoFullDisk(root, '--help')
    expect(err).toMatch(told)
    expect(code).toBe(1)
  })

  it.skipIf(!hasFullDisk)('makes a run fail that has done its work', async () => {
    const here = workFolder({
      'data.jsonl': row('Say it.'),
      'pipeline.yaml': pipeline('{ backend: pseudo, chunking: all }'),
    })
    const { code, err } = await intoFullDisk(here.path, 'run')
    expect(err).toMatch(told)
    expect(code).toBe(1)
    expect(existsSync(join(here.path, 'out/release/README.md'))).toBe(true)
    here.remove()
  })

  it('ends a command quietly whose reader has gone', async () => {
    const help = startKalam(root, ['--help'])
    help.child.stdout!.destroy()
    const { code, err } = await help.ended
    expect({ code, err }).toEqual({ code: 0, err: '' })
  })
})

describe('a terminal that goes', () => {
  const following = () =>
    workFolder({ 'data.jsonl': row('Say it.'), 'pipeline.yaml': pipeline('{ backend: pseudo, chunking: all }') })
  const statusOf = async (cwd: string) => (await kalam(cwd, 'status')).out

  it('stops no run that has none, as one under nohup', async () => {
    const here = following()
    const run = startKalam(here.path, ['run', '--follow'])
    await expect.poll(() => statusOf(here.path), { timeout: 50_000 }).toMatch(/^running for /m)
    run.child.kill('SIGHUP')
    expect(await statusOf(here.path)).toMatch(/^running for /m)
    run.child.kill('SIGINT')
    expect((await run.ended).code).toBe(130)
    here.remove()
  })

  it.skipIf(!hasTerminals)('stops its run as Ctrl-C does', async () => {
    const here = following()
    const command = `'${process.execPath}' '${join(root, 'bin/kalam.js')}' run --follow`
    const terminal = spawn('script', ['-qec', command, '/dev/null'], {
      cwd: here.path,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    await expect.poll(() => statusOf(here.path), { timeout: 50_000 }).toMatch(/^running for /m)
    terminal.kill('SIGKILL')
    await expect.poll(() => statusOf(here.path), { timeout: 50_000 }).toMatch(/^last run from .* UTC: stopped after /m)
    here.remove()
  })
})
