import { setTimeout as sleep } from 'node:timers/promises'

/** How items that are asked for one by one are worked on together. */
export interface BatchOptions<Item, Result> {
  /** How long the first item waits for others, in milliseconds. */
  windowMs: number
  weightOf(item: Item): number
  /** The most that a batch may weigh, unless it has one item. */
  most: number
  /** Results in the order of the items; a rejection is that of all of them. */
  work(items: Item[]): Promise<Result[]>
}

/** Gathers what is asked within a window, and while a batch is under way, and works on one batch after the other. */
export const batched = <Item, Result>(options: BatchOptions<Item, Result>): ((items: Item[]) => Promise<Result[]>) => {
  interface Waiting {
    item: Item
    resolve(result: Result): void
    reject(thrown: unknown): void
  }
  let waiting: Waiting[] = []
  let isRunning = false

  const take = (): Waiting[] => {
    let weight = 0
    const end = waiting.findIndex(({ item }, i) => {
      weight += options.weightOf(item)
      return i > 0 && weight > options.most
    })
    const taken = end < 0 ? waiting : waiting.slice(0, end)
    waiting = end < 0 ? [] : waiting.slice(end)
    return taken
  }
  const run = async () => {
    isRunning = true
    while (waiting.length > 0) {
      await sleep(options.windowMs)
      const taken = take()
      try {
        const results = await options.work(taken.map(({ item }) => item))
        for (const [i, { resolve }] of taken.entries()) resolve(results[i]!)
      } catch (thrown) {
        for (const { reject } of taken) reject(thrown)
      }
    }
    isRunning = false
  }
  return (items) => {
    const results = items.map(
      (item) => new Promise<Result>((resolve, reject) => void waiting.push({ item, resolve, reject })),
    )
    if (!isRunning) void run()
    return Promise.all(results)
  }
}
