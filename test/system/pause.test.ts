import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeOpenai } from '../fake-openai/server.ts'
import { talk, topicsIn, writePipeline } from './generations-bench.ts'
import { kalam, startKalam, workFolder } from './kalam.ts'

describe('a translator line', () => {
  let server: Awaited<ReturnType<typeof fakeOpenai>>
  const folder = workFolder({ 'data.jsonl': talk(6) })

  beforeAll(async () => {
    server = await fakeOpenai({ record: true })
    writePipeline(folder.path, yaml(''))
  })
  afterAll(async () => {
    await server.close()
    folder.remove()
  })
  const yaml = (limits: string) => `
pipeline: paused
partitions: 2
sources: [{ name: talk, path: data.jsonl }]
${limits}
chunkings: { lines: { by: lines, count: 1 } }
translators:
  a: { backend: openai, url: "${server.url}", model: model-a, chunking: lines }
  b: { backend: openai, url: "${server.url}", model: model-b, chunking: lines }
rankings: { release: { candidates: [a, b] }, b_only: { candidates: [b] } }
`
  const command = async (...args: string[]) => {
    const ended = await kalam(folder.path, ...args)
    expect(ended.code, ended.err).toBe(0)
    return ended.out
  }
  const ranked = async (): Promise<Record<string, number>> => {
    const query = 'SELECT ranking, count() AS n FROM v_ranked GROUP BY ranking'
    const rows = (await command('sql', '--format', 'json', query)).trim().split('\n')
    return Object.fromEntries(
      rows.map((row) => {
        const { ranking, n } = JSON.parse(row) as { ranking: string; n: number }
        return [ranking, n]
      }),
    )
  }

  it('that pauses lets its rankings wait, and others go on; the run ends and says so', async () => {
    await command('run')
    expect(await command('pause', 'a')).toContain('a is paused, and rankings wait for it')
    appendFileSync(join(folder.path, 'data.jsonl'), talk(6, 6))
    const calls = server.received.length
    const { code, err } = await kalam(folder.path, 'run')
    expect(code, err).toBe(4)
    expect(err).toContain('! stopped by a pause: a; all else is through. kalam resume a')
    expect(server.received.slice(calls).every(({ body }) => body.model === 'model-b')).toBe(true)
    expect(await ranked()).toEqual({ release: 6, b_only: 12 })
    const status = await command('status')
    expect(status).toMatch(/translate +a +1 .* paused\n/)
    expect(status).toContain('! a is paused, rankings wait for it: kalam resume a')
  }, 300_000)

  it('goes on where it stopped when it is resumed', async () => {
    await command('resume', 'a')
    await command('run')
    expect(await ranked()).toEqual({ release: 12, b_only: 12 })
    expect(await command('verify')).not.toContain('BROKEN')
  }, 300_000)

  it('without which the ranking goes on is skipped until it is resumed, and the log says so', async () => {
    await command('pause', 'a', '--rank-without')
    appendFileSync(join(folder.path, 'data.jsonl'), talk(6, 12))
    const calls = server.received.length
    await command('run')
    expect(server.received.slice(calls).every(({ body }) => body.model === 'model-b')).toBe(true)
    expect(await ranked()).toEqual({ release: 18, b_only: 18 })
    await command('resume', 'a')
    appendFileSync(join(folder.path, 'data.jsonl'), talk(6, 18))
    await command('run')
    expect(await ranked()).toEqual({ release: 24, b_only: 24 })
    const topics = await topicsIn(folder.path)
    const paused = topics.get('translations.a')!.said.filter((said) => said.includes('"reason":"paused"'))
    expect(paused.map((said) => said.split(' ')[0]).sort()).toEqual(
      [12, 13, 14, 15, 16, 17].map((row) => `talk/data/${row}`),
    )
    expect(await command('verify')).not.toContain('BROKEN')
  }, 300_000)

  it('and only such a line pauses', async () => {
    const { code, err } = await kalam(folder.path, 'pause', 'release')
    expect([code, err]).toEqual([2, expect.stringContaining('pausing release: it is a rank line')])
  })

  it('waits with the sources while the disk has less room than min_free says', async () => {
    writePipeline(folder.path, yaml('limits: { min_free: 100 % }'))
    appendFileSync(join(folder.path, 'data.jsonl'), talk(6, 24))
    const run = startKalam(folder.path, ['run'])
    let err = ''
    run.child.stderr!.on('data', (piece) => {
      err += piece
    })
    while (!/min_free is 100 %: sources (and translators )?wait until there is room/.test(err)) await sleep(50)
    await sleep(1000)
    expect(run.child.exitCode).toBe(null)
    run.child.kill('SIGINT')
    expect((await run.ended).code).toBe(130)
    expect(await ranked()).toEqual({ release: 24, b_only: 24 })
    writePipeline(folder.path, yaml(''))
    await command('run')
    expect(await ranked()).toEqual({ release: 30, b_only: 30 })
  }, 300_000)
})
