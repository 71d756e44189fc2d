import { spawnSync } from 'node:child_process'
import { afterEach, expect, it } from 'vitest'
import { lmdbMemory } from '../../../services/translate/lmdb-memory.ts'
import { noUsage } from '../../../services/translate/translator.ts'
import { root, workFolder } from '../../system/kalam.ts'

const folders: { remove(): void }[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) folder.remove()
})
const newFolder = () => {
  const folder = workFolder()
  folders.push(folder)
  return folder.path
}
const most = { nano: 100, tokens: 50, calls: 1 }
const answer = { text: 'نص', usage: noUsage }

it('books an answer with its bill, and the reservation ends', async () => {
  const folder = newFolder()
  const memory = lmdbMemory({ folder })
  const reservation = await memory.ledger.reserve('gemma3', most, {})
  expect(memory.ledger.account('gemma3')).toMatchObject({ reserved: most, spent: { nano: 0, calls: 0 } })
  const bill = { account: 'gemma3', spending: { nano: 31, tokens: 20, calls: 1 }, reservation: reservation! }
  await memory.put([{ key: 'aa', answer, bill }])
  await memory.close()
  const again = lmdbMemory({ folder })
  expect(again.ledger.account('gemma3')).toEqual({
    spent: { nano: 31, tokens: 20, calls: 1 },
    inDoubt: { nano: 0, tokens: 0, calls: 0 },
    reserved: { nano: 0, tokens: 0, calls: 0 },
  })
  expect([await again.count(), again.ledger.accounts()]).toEqual([1, ['gemma3']])
  await again.close()
})

it('reserves no more than a budget has left, whoever asks at once', async () => {
  const memory = lmdbMemory({ folder: newFolder() })
  const { ledger } = memory
  const asked = await Promise.all(Array.from({ length: 8 }, () => ledger.reserve('a', most, { nano: 350 })))
  expect(asked.filter((reservation) => reservation !== undefined)).toHaveLength(3)
  await ledger.free(asked[0]!)
  await ledger.doubt(asked[1]!)
  expect(ledger.account('a')).toMatchObject({ reserved: { nano: 100 }, inDoubt: { nano: 100, calls: 1 } })
  expect(await ledger.reserve('a', most, { nano: 350 })).toBeDefined()
  expect(await ledger.reserve('a', most, { nano: 350 })).toBeUndefined()
  expect(await ledger.reserve('a', most, { calls: 3 })).toBeUndefined()
  expect(await ledger.reserve('b', most, { nano: 350 })).toBeDefined()
  await memory.close()
})

it('takes the calls of a process that died for doubtful ones', async () => {
  const folder = newFolder()
  const script = `import { lmdbMemory } from '${root}services/translate/lmdb-memory.ts'
const { ledger } = lmdbMemory({ folder: ${JSON.stringify(folder)} })
await ledger.reserve('a', ${JSON.stringify(most)}, {})
process.kill(process.pid, 'SIGKILL')`
  const { signal } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: root,
  })
  expect(signal).toBe('SIGKILL')
  const memory = lmdbMemory({ folder })
  await expect.poll(() => memory.ledger.account('a')).toMatchObject({ inDoubt: most, reserved: { calls: 0 } })
  await memory.close()
})
