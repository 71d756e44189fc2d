import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { fakeOpenai } from '../../fake-openai/server.ts'
import { copyData, kalam, startKalam, workFolder } from '../../system/kalam.ts'

const pipeline = (url: string) => `
pipeline: goes-on
sources: [{ name: chat, path: data }]
chunkings: { tokens490: { by: tokens } }
translators: { a: { backend: openai, url: "${url}", model: m, chunking: tokens490, slots: 4 } }
rankings: { release: { candidates: [a] } }
`

/** The chDB process of a run: the one child of the run's own process that serves chDB. */
const chdbOf = (pid: number): number | undefined =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter((child) => child !== '' && readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('chdb-server'))
    .map(Number)[0]

it.skipIf(!existsSync('/proc/self/task'))(
  'a run goes on when its chDB is killed, and its tables are complete',
  async () => {
    const server = await fakeOpenai({ latencyMs: 60 })
    const folder = workFolder({ 'pipeline.yaml': pipeline(server.url) })
    copyData('chat/gsm8k.jsonl', join(folder.path, 'data/gsm8k.jsonl'))
    copyData('chat/multi_turn.jsonl', join(folder.path, 'data/multi_turn.jsonl'))
    try {
      const run = startKalam(folder.path, ['run'])
      // Calls have begun: the tables are there, and rows of all kinds are on their way.
      while (server.stats.answered < 10 && run.child.exitCode === null) await sleep(25)
      const chdb = chdbOf(run.child.pid!)
      expect(chdb).toBeDefined()
      process.kill(chdb!, 'SIGKILL')
      const ended = await run.ended
      expect(ended.code, ended.err).toBe(0)
      const verified = await kalam(folder.path, 'verify')
      expect(verified.out).toMatch(/ok {6}tables hold what topics hold/)
      expect(verified.code).toBe(0)
    } finally {
      await server.close()
      folder.remove()
    }
  },
  300_000,
)

it('a run fills tables that were taken away anew from the topics', async () => {
  const folder = workFolder({
    'pipeline.yaml': `
pipeline: anew
sources: [{ name: chat, path: a.jsonl }]
chunkings: { lines: { by: lines } }
translators: { p: { backend: pseudo, chunking: lines } }
rankings: { release: { candidates: [p] } }
`,
    'a.jsonl': '{"messages":[{"role":"user","content":"One"},{"role":"assistant","content":"Two"}]}\n'.repeat(5),
  })
  try {
    expect((await kalam(folder.path, 'run')).code).toBe(0)
    rmSync(join(folder.path, '.kalam/warehouse'), { recursive: true })
    expect((await kalam(folder.path, 'run')).code).toBe(0)
    const counted = await kalam(folder.path, 'sql', '--format', 'csv', 'SELECT count() AS messages FROM v_messages')
    expect(counted.out).toBe('messages\n10\n')
    expect((await kalam(folder.path, 'verify')).code).toBe(0)
  } finally {
    folder.remove()
  }
}, 300_000)
