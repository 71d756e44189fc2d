import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import { askBeside, serveBeside } from '../../cli/beside-run.ts'
import { startChdb } from '../../services/land/chdb-process.ts'
import { kalam, startKalam, workFolder } from '../system/kalam.ts'

const folder = workFolder({
  'rows.jsonl': '{"messages": [{"role": "user", "content": "Hello"}]}\n',
  'pipeline.yaml': `
pipeline: beside
sources: [{ name: rows, path: rows.jsonl }]
chunkings: { lines25: { by: lines } }
translators: { a: { backend: pseudo, chunking: lines25 } }
rankings: { release: { candidates: [a] } }
`,
})
afterAll(() => folder.remove())
const request = { argv: ['status'], cwd: '/', columns: 80, isTty: false }
const saying = (out: string) => async () => ({ out, err: '', code: 0 })

it('answers for one run: a second is refused and does not put the first out', async () => {
  const end = await serveBeside(folder.path, saying('first'))
  await expect(serveBeside(folder.path, saying('second'))).rejects.toMatchObject({ code: 'state_in_use' })
  expect(await askBeside(folder.path, request)).toMatchObject({ out: 'first' })
  await end()
  expect(await askBeside(folder.path, request)).toBeUndefined()
  const endNext = await serveBeside(folder.path, saying('next'))
  expect(await askBeside(folder.path, request)).toMatchObject({ out: 'next' })
  await endNext()
})

it('gives the answers under way before a run ends, and begins no others', async () => {
  let finish = () => {}
  const end = await serveBeside(folder.path, async () => {
    await new Promise<void>((resolve) => {
      finish = resolve
    })
    return { out: 'the last one', err: '', code: 0 }
  })
  const silent = connect(readFileSync(join(folder.path, 'socket'), 'utf8'))
  await once(silent, 'connect')
  const answered = askBeside(folder.path, request)
  await sleep(100)
  const ended = end()
  const [told] = await once(silent.setEncoding('utf8'), 'data')
  expect(told).toBe('\n')
  expect(await askBeside(folder.path, request)).toBeUndefined()
  finish()
  expect(await answered).toMatchObject({ out: 'the last one' })
  await ended
})

it('is told by a command when the run is killed before it has answered, and not when it has not begun', async () => {
  const path = join(folder.path, 'dying.sock')
  writeFileSync(join(folder.path, 'socket'), path)
  for (const [answer, result] of [
    ['', { code: 'run_ended', hint: expect.stringContaining('Give the command again') }],
    ['{"out": "ha', { code: 'run_ended' }],
    ['\n', undefined],
  ] as const) {
    const dying = createServer((socket) => socket.on('data', () => socket.end(answer))).listen(path)
    await once(dying, 'listening')
    expect(await askBeside(folder.path, request).catch((thrown) => thrown)).toEqual(
      result && expect.objectContaining(result),
    )
    dying.close()
  }
  rmSync(join(folder.path, 'socket'))
})

it('is asked by a command that finds the tables taken: a run has them a moment before it answers', async () => {
  expect(await kalam(folder.path, 'run')).toMatchObject({ code: 0 })
  const state = join(folder.path, '.kalam')
  const taken = await startChdb(join(state, 'warehouse'))
  try {
    const { ended } = startKalam(folder.path, ['sql', 'SELECT 1'])
    await sleep(1500)
    const end = await serveBeside(state, saying('from the run'))
    expect(await ended).toMatchObject({ code: 0, out: 'from the run' })
    await end()
  } finally {
    await taken.close()
  }
})
