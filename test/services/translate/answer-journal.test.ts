import { spawnSync } from 'node:child_process'
import { appendFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { answerJournal, leftJournals } from '../../../services/translate/answer-journal.ts'
import { type LocalMemory, lmdbMemory } from '../../../services/translate/lmdb-memory.ts'
import { answerOf } from '../../contract/memory.ts'
import { root, workFolder } from '../../system/kalam.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})
const newFolder = () => {
  const folder = workFolder()
  closers.push(folder.remove)
  return folder.path
}
const opened = (folder: string): LocalMemory => {
  const memory = lmdbMemory({ folder })
  closers.push(memory.close)
  return memory
}

/** Runs lines of a program that has a folder, in a shell that may limit it first, to its death by a signal. */
const untilKilled = (folder: string, lines: string, limit = ':'): string => {
  const script = `import { answerJournal } from '${root}services/translate/answer-journal.ts'
import { lmdbMemory } from '${root}services/translate/lmdb-memory.ts'
const folder = ${JSON.stringify(folder)}
const entry = (key) => ({ key, answer: ${JSON.stringify(answerOf('نص'))}, isToShare: false, bill: ${JSON.stringify(bill)} })
${lines}
process.kill(process.pid, 'SIGKILL')`
  const { signal, stdout, stderr } = spawnSync(
    'bash',
    ['-c', `${limit}; exec "$0" --import tsx --input-type=module -e "$1"`, process.execPath, script],
    { cwd: root, encoding: 'utf8' },
  )
  expect(stderr).toBe('')
  expect(signal).toBe('SIGKILL')
  return stdout
}
const spending = { nano: 31, tokens: 20, calls: 1 }
const bill = { account: 'gemma3', spending }

describe('a journal', () => {
  it('is left by a process that dies, to its last whole entry', () => {
    const folder = newFolder()
    untilKilled(
      folder,
      "const journal = answerJournal(folder)\nfor (const key of ['a', 'b']) journal.append(entry(key))",
    )
    const [file = ''] = readdirSync(folder)
    appendFileSync(join(folder, file), '{"key":"c","answer":{"te')
    const [left] = leftJournals(folder)
    expect(left!.entries.map(({ key, number }) => [key, number])).toEqual([
      ['a', 1],
      ['b', 2],
    ])
    left!.remove()
    expect(leftJournals(folder)).toEqual([])
  })

  it('is nobody else’s while its process lives, and goes with it', () => {
    const folder = newFolder()
    const journal = answerJournal(folder)
    journal.append({ key: 'a', answer: answerOf('نص'), isToShare: true })
    expect([readdirSync(folder).length, leftJournals(folder)]).toEqual([1, []])
    journal.close()
    expect(readdirSync(folder)).toEqual([])
  })

  it('has nothing of an entry that the disk did not take', () => {
    const folder = newFolder()
    const lines = `const journal = answerJournal(folder)
let count = 0
try { for (;;) { journal.append(entry('k' + count)); count++ } } catch (thrown) { console.log(count, thrown.code) }`
    const [count, code] = untilKilled(folder, lines, 'ulimit -f 8').trim().split(' ')
    expect([Number(count) > 4, code]).toEqual([true, 'EFBIG'])
    expect(leftJournals(folder)[0]!.entries).toHaveLength(Number(count))
  })
})

describe('an answer that is kept', () => {
  const dies = {
    'before its transaction': "await lmdbMemory({ folder }).keep([entry('a')])",
    'behind it':
      "const memory = lmdbMemory({ folder })\nawait memory.keep([entry('a')])\nawait memory.put([entry('a')].map(({ bill, ...rest }) => rest))",
  }

  it.each(Object.entries(dies))('is there, and booked once, when its process dies %s', async (_, lines) => {
    const folder = newFolder()
    untilKilled(folder, lines)
    for (let times = 0; times < 3; times++) {
      const memory = lmdbMemory({ folder })
      expect(await memory.get(['a'])).toEqual([answerOf('نص')])
      expect([await memory.count(), memory.ledger.account('gemma3').spent]).toEqual([1, spending])
      await memory.close()
    }
    expect(readdirSync(folder).filter((name) => name.startsWith('answers-'))).toEqual([])
  })

  it('is found by a process that was there before the one that died', async () => {
    const folder = newFolder()
    const memory = opened(folder)
    expect(await memory.get(['a'])).toEqual([undefined])
    untilKilled(folder, dies['before its transaction'])
    await expect.poll(() => memory.get(['a']), { timeout: 5000 }).toEqual([answerOf('نص')])
    expect(memory.ledger.account('gemma3').spent).toEqual(spending)
  })

  it('is given back at once, then by a put as it stands, and read by others a moment later', async () => {
    const folder = newFolder()
    const [memory, other] = [opened(folder), opened(folder)]
    await other.put([{ key: 'a', answer: answerOf('theirs') }])
    expect(await memory.keep(['a', 'b'].map((key) => ({ key, answer: answerOf('mine'), bill })))).toEqual([
      answerOf('theirs'),
      answerOf('mine'),
    ])
    expect(await memory.put(['a', 'b'].map((key) => ({ key, answer: answerOf('mine') })))).toEqual([
      answerOf('theirs'),
      answerOf('mine'),
    ])
    // LMDB looks anew in the next turn of the event loop.
    await sleep(0)
    expect(await other.get(['b'])).toEqual([answerOf('mine')])
    expect(other.ledger.account('gemma3').spent.calls).toBe(2)
  })

  it('counts in a budget before it is booked', async () => {
    const { keep, ledger } = opened(newFolder())
    const most = { nano: 0, tokens: 0, calls: 1 }
    const reservation = await ledger.reserve('gemma3', most, { nano: 40 })
    await keep([{ key: 'a', answer: answerOf('نص'), bill: { ...bill, reservation: reservation! } }])
    expect(await ledger.reserve('gemma3', { ...most, nano: 10 }, { nano: 40 })).toBeUndefined()
    expect(await ledger.reserve('gemma3', { ...most, nano: 9 }, { nano: 40 })).toBeDefined()
  })
})
