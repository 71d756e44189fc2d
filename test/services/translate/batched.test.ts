import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { deferred } from '../../../dataflow/deferred.ts'
import { batched } from '../../../services/translate/batched.ts'

const setUp = (most: number, work?: (items: number[]) => Promise<number[]>) => {
  const batches: number[][] = []
  const ask = batched<number, number>({
    windowMs: 1,
    weightOf: (item) => item,
    most,
    async work(items) {
      batches.push(items)
      return work ? work(items) : items.map((item) => item * 10)
    },
  })
  return { batches, ask }
}

it('works on what is asked within a window together, and gives everybody their own', async () => {
  const { batches, ask } = setUp(100)
  expect(await Promise.all([ask([1, 2]), ask([3]), ask([]), ask([4])])).toEqual([[10, 20], [30], [], [40]])
  expect(batches).toEqual([[1, 2, 3, 4]])
})

it('keeps batches below their weight, but for a single item', async () => {
  const { batches, ask } = setUp(5)
  await ask([9, 2, 3, 1, 7])
  expect(batches).toEqual([[9], [2, 3], [1], [7]])
})

it('gathers while a batch is under way', async () => {
  const free = deferred()
  const { batches, ask } = setUp(100, async (items) => {
    await free.promise
    return items
  })
  const first = ask([1])
  await expect.poll(() => batches.length).toBe(1)
  const later = [ask([2]), sleep(5).then(() => ask([3]))]
  await sleep(20)
  free.resolve()
  expect(await Promise.all([first, ...later])).toEqual([[1], [2], [3]])
  expect(batches).toEqual([[1], [2, 3]])
})

it('rejects all of a batch that fails, and goes on with the next', async () => {
  const { ask } = setUp(2, async (items) => {
    if (items.includes(2)) throw new Error('two')
    return items
  })
  const results = await Promise.allSettled([ask([2]), ask([1]), ask([1])])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
})
