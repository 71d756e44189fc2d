import { expect, it } from 'vitest'
import { KalamError } from '../../../../dataflow/error.ts'
import { leastBusy } from '../../../../services/translate/backends/least-busy.ts'
import { rejection } from '../fake-line.ts'

const setUp = (names: string[]) => {
  const clock = { ms: 0 }
  const run = leastBusy(names, () => clock.ms)
  const taken: string[] = []
  const ends: (() => void)[] = []
  /** A call that lasts until its entry in `ends` is called. */
  const hold = () => run((name) => new Promise<void>((resolve) => ends.push(resolve) && taken.push(name)))
  const done = () => run(async (name) => name)
  const fail = (retryable = true) =>
    rejection(
      run(async (name) => {
        taken.push(name)
        throw new KalamError('server_error', 'testing', { retryable })
      }),
    )
  return { clock, taken, ends, hold, done, fail }
}

it('takes the server with the fewest calls under way, equal ones in turn', async () => {
  const { hold, done, ends, taken } = setUp(['a', 'b', 'c'])
  const held = [hold(), hold(), hold(), hold()]
  expect([...taken].sort()).toEqual([...'abc', taken[0]].sort())
  expect([await done(), await done(), await done()]).not.toContain(taken[0])
  for (const end of ends) end()
  await Promise.all(held)
  expect(new Set([await done(), await done(), await done()]).size).toBe(3)
})

it('leaves a server that failed alone for longer and longer, and takes it back when it answers', async () => {
  const { clock, done, fail, taken } = setUp(['a', 'b'])
  await fail()
  const away = taken[0]!
  const answered = async () => new Set([await done(), await done(), await done()])
  expect(await answered()).not.toContain(away)
  clock.ms = 1000
  expect(await answered()).toContain(away)
})

it('asks all servers when all have failed', async () => {
  const { clock, fail, taken } = setUp(['a', 'b'])
  for (let i = 0; i < 6; i++) await fail()
  expect(new Set(taken).size).toBe(2)
  expect(taken).toHaveLength(6)
  clock.ms = 10
  await fail()
  expect(taken).toHaveLength(7)
})

it('does not blame a server for a request that it refuses', async () => {
  const { done, fail } = setUp(['a', 'b'])
  await fail(false)
  await fail(false)
  expect(new Set([await done(), await done()]).size).toBe(2)
})
