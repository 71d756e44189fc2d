import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, getPriority } from 'node:os'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { ownThreads, stepBack } from '../../cli/step-back.ts'
import { fakeOpenai } from '../fake-openai/server.ts'
import { startKalam, workFolder } from '../system/kalam.ts'

const rows = Array.from({ length: 20 }, (_, i) => ({ messages: [{ role: 'user', content: `Say the number ${i}` }] }))
const pipeline = (url: string) => `
pipeline: places
sources: [{ name: talk, path: data.jsonl }]
chunkings: { all: { by: tokens } }
translators: { model: { backend: openai, url: "${url}", model: m, chunking: all, slots: 2 } }
rankings: { release: { candidates: [model] } }
`

/** The niceness of every thread of a process, by its number. */
const nicenesses = (pid: number): Map<number, number> =>
  new Map(
    readdirSync(`/proc/${pid}/task`).map((thread) => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
      return [Number(thread), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])]
    }),
  )

describe.runIf(process.platform === 'linux')('threads that step back', () => {
  const ends: (() => unknown)[] = []
  afterAll(() => {
    for (const end of ends.reverse()) end()
  })

  it.runIf(availableParallelism() > 1)('are all of a run but the one that calls', async () => {
    const server = await fakeOpenai({ latencyMs: 200 })
    const folder = workFolder({
      'data.jsonl': rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
      'pipeline.yaml': pipeline(server.url),
    })
    ends.push(server.close, folder.remove)
    const { child, ended } = startKalam(folder.path, ['run'])
    await vi.waitFor(() => expect(server.calls().length).toBeGreaterThan(2), { timeout: 30_000 })
    const found = nicenesses(child.pid!)
    expect(found.get(child.pid!)).toBe(Math.min(19, getPriority() + 5))
    expect([...found.values()]).toContain(getPriority())
    expect(await ended).toMatchObject({ code: 0 })
  })

  it('keep to 19, and one that has ended is passed over', () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
    ends.push(() => child.kill())
    const gone = 2 ** 22 + 1
    for (let times = 0; times < 5; times++) stepBack([gone, child.pid!])
    expect(nicenesses(child.pid!).get(child.pid!)).toBe(19)
  })

  it('are those of the process', () => {
    expect(ownThreads()).toContain(process.pid)
    expect(ownThreads().length).toBeGreaterThan(1)
  })
})
