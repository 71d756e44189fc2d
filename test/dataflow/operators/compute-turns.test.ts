import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { callEnded, computeTurn, textsWanted } from '../../../dataflow/operators/compute-turns.ts'

const busy = (ms: number) => {
  for (const end = performance.now() + ms; performance.now() < end; );
}

/** Computes units of 2 ms one after the other until they are told to stop. */
const stage = (signal: { over: boolean }) => {
  const done = { units: 0 }
  const work = (async () => {
    while (!signal.over) {
      const turn = computeTurn({ feeds: false })
      if (turn) await turn
      busy(2)
      // Without turns nothing else would ever come between.
      if (++done.units % 500 === 0) await sleep(0)
    }
  })()
  return { done, work }
}

it('takes in what has arrived between units of all stages, each of which goes on', async () => {
  callEnded()
  const signal = { over: false }
  const stages = [stage(signal), stage(signal), stage(signal)]
  let answers = 0
  for (let i = 0; i < 20; i++) {
    await sleep(1)
    callEnded()
    answers++
  }
  signal.over = true
  await Promise.all(stages.map(({ work }) => work))
  const units = stages.map(({ done }) => done.units)
  expect([answers, Math.min(...units) > 0, Math.max(...units) < 100]).toEqual([20, true, true])
})

it('lets small units of many share a slice, in their order', async () => {
  callEnded()
  let turn = 0
  let isOver = false
  const count = () => {
    turn++
    if (!isOver) setImmediate(count)
  }
  const units: { number: number; turn: number }[] = []
  // The slice of whoever came before may still go on.
  busy(2)
  const all = Array.from({ length: 40 }, async (_, number) => {
    await computeTurn({ feeds: number % 3 === 0 })
    units.push({ number, turn })
  })
  setImmediate(count)
  await Promise.all(all)
  isOver = true
  expect(units.map(({ number }) => number)).toEqual(Array.from({ length: 40 }, (_, i) => i))
  expect(new Set(units.map((unit) => unit.turn)).size).toBeLessThan(40)
})

it('lets what makes texts go first while they are wanted, and then all in their order', async () => {
  // The slice of whoever came before is over.
  let now = performance.now() + 10
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
  const order = async (): Promise<string[]> => {
    const names: string[] = []
    const unit = async (name: string, feeds: boolean) => {
      await computeTurn({ feeds })
      names.push(name)
    }
    await Promise.all([unit('a', false), unit('b', true), unit('c', false), unit('d', true)])
    return names
  }
  try {
    callEnded()
    textsWanted()
    expect(await order()).toEqual(['b', 'd', 'a', 'c'])
    now += 30
    expect(await order()).toEqual(['a', 'b', 'c', 'd'])
  } finally {
    clock.mockRestore()
  }
})

it('lets units follow each other at once where nobody calls', async () => {
  await sleep(1100)
  expect(Array.from({ length: 100 }, () => computeTurn({ feeds: false })).every((turn) => turn === undefined)).toBe(
    true,
  )
})
