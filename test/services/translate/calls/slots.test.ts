import { expect, it } from 'vitest'
import { freeSlots } from '../../../../services/translate/calls/slots.ts'
import { calm } from '../fake-line.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** Takes places one after the other, each when one is free, until there are so many. */
const taker = async (slots: ReturnType<typeof freeSlots>, taken: string[], name: string, times: number) => {
  for (let i = 0; i < times; i++) {
    await slots.free(calm)
    const turn = slots.take(calm)
    if (turn) await turn
    taken.push(name)
  }
}

it('tells who watches of a free place, and gives no more of them than are allowed', async () => {
  const slots = freeSlots(() => 3)
  const taken: string[] = []
  const takers = ['a', 'b'].map((name) => taker(slots, taken, name, 4))
  await settled()
  expect(taken).toHaveLength(3)
  for (let released = 1; released <= 5; released++) {
    slots.release()
    await settled()
    expect(taken).toHaveLength(3 + released)
  }
  await Promise.all(takers)
  expect(taken.toSorted()).toEqual([...'aaaabbbb'])
})

it('knows that a watcher comes for all that is released in one turn, and that nobody does after it', async () => {
  const slots = freeSlots(() => 3)
  const taken: string[] = []
  const done = taker(slots, taken, 'a', 5)
  await settled()
  expect([slots.release(), slots.release(), slots.release()]).toEqual([true, true, true])
  await done
  expect(taken).toHaveLength(5)
  await settled()
  expect([slots.release(), slots.release()]).toEqual([false, false])
})

it('lets a watcher go when its signal is aborted', async () => {
  const slots = freeSlots(() => 0)
  const stop = new AbortController()
  const watching = slots.free(stop.signal)
  stop.abort(new Error('stopped'))
  await expect(watching).rejects.toThrow('stopped')
  // Nobody comes any more.
  expect(slots.release()).toBe(false)
})
