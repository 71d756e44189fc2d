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
  end()
  expect(await askBeside(folder.path, request)).toBeUndefined()
  const endNext = await serveBeside(folder.path, saying('next'))
  expect(await askBeside(folder.path, request)).toMatchObject({ out: 'next' })
  endNext()
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
    end()
  } finally {
    await taken.close()
  }
})
