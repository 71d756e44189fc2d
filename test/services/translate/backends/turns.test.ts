import { describe, expect, it } from 'vitest'
import { turns } from '../../../../services/translate/backends/turns.ts'
import { calm, rejection } from '../fake-line.ts'

/** Lets a call in and notes it. */
const bench = () => {
  const going = turns()
  const inside: string[] = []
  const enter = (name: string, isAlone: boolean, signal = calm) =>
    going.enter(isAlone, signal).then(() => void inside.push(name))
  const leave = async (name: string) => {
    inside.splice(inside.indexOf(name), 1)
    going.leave()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { inside, enter, leave }
}

describe('turns', () => {
  it('let calls in together, one that wants to be alone when all have left, and those after it behind it', async () => {
    const { inside, enter, leave } = bench()
    await Promise.all([enter('a', false), enter('b', false)])
    for (const [name, isAlone] of [
      ['c', true],
      ['d', false],
      ['e', false],
      ['f', true],
    ] as const)
      void enter(name, isAlone)
    await leave('a')
    expect(inside).toEqual(['b'])
    await leave('b')
    expect(inside).toEqual(['c'])
    await leave('c')
    expect(inside).toEqual(['d', 'e'])
    await leave('d')
    await leave('e')
    expect(inside).toEqual(['f'])
  })

  it('are given up when the call is aborted, and the next one goes in', async () => {
    const { inside, enter, leave } = bench()
    const controller = new AbortController()
    await enter('a', false)
    const alone = rejection(enter('b', true, controller.signal))
    void enter('c', false)
    controller.abort('over')
    expect(await alone).toBe('over')
    await new Promise((resolve) => setImmediate(resolve))
    expect(inside).toEqual(['a', 'c'])
    await leave('a')
    await leave('c')
    await enter('d', true)
    expect(inside).toEqual(['d'])
  })
})
