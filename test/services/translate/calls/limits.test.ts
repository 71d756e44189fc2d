import { setTimeout as after } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { deferred } from '../../../../dataflow/deferred.ts'
import { adaptiveLimit } from '../../../../services/translate/calls/adaptive-limit.ts'
import { rateLimit } from '../../../../services/translate/calls/rate-limit.ts'
import { calm } from '../fake-line.ts'

describe('places of an endpoint', () => {
  it('stay whole under the odd refusal, shrink under many, and come back', () => {
    let now = 0
    const limit = adaptiveLimit(64, () => now)
    const round = (refused: number) => {
      for (let i = 0; i < 100; i++) {
        now += 3
        if (i < refused) limit.pushedBack()
        else limit.answered(200)
      }
    }
    for (let i = 0; i < 20; i++) round(5)
    expect(limit.allowed).toBe(64)
    for (let i = 0; i < 20; i++) round(60)
    expect(limit.allowed).toBeLessThan(10)
    for (let i = 0; i < 60; i++) round(0)
    expect(limit.allowed).toBe(64)
  })

  it('shrink when answers take longer and come more seldom, not when only few are slow', () => {
    let now = 0
    const limit = adaptiveLimit(32, () => now)
    const answers = (count: number, ms: number, everyMs: number) => {
      for (let i = 0; i < count; i++) {
        now += everyMs
        limit.answered(i % 100 === 0 ? 20_000 : ms)
      }
    }
    answers(2000, 200, 6)
    expect(limit.allowed).toBe(32)
    answers(200, 900, 40)
    expect(limit.allowed).toBeLessThan(20)
  })
})

describe('a rate', () => {
  it.each([20, 600, 2000])(
    'of %i requests a minute is never exceeded in any minute, from the first call on',
    async (perMinute) => {
      let now = 0
      const limit = rateLimit({ requestsPerMinute: perMinute }, () => now)
      const sent: number[] = []
      for (; now < 240_000; now += 20) if (await limitTakes(limit, 1)) sent.push(now)
      const most = Math.max(...sent.map((at, i) => sent.filter((other, j) => j >= i && other < at + 60_000).length))
      expect(most).toBeLessThanOrEqual(perMinute)
      expect(sent.length).toBeGreaterThan(perMinute * 4 * 0.85)
    },
  )

  it('of tokens counts what calls took, also when that was more than expected', async () => {
    let now = 0
    const limit = rateLimit({ tokensPerMinute: 6000 }, () => now)
    let used = 0
    for (; now < 120_000; now += 50) {
      if (!(await limitTakes(limit, 100))) continue
      limit.correct(100)
      used += 200
    }
    expect(used).toBeLessThanOrEqual(12_000)
    expect(used).toBeGreaterThan(9000)
  })
})

describe('a queue for a rate', () => {
  it('is left at once by whoever is aborted, and kept by those before and behind', async () => {
    let now = 0
    const limit = rateLimit({ requestsPerMinute: 1200 }, () => now)
    const gone: string[] = []
    const enter = async (name: string, signal = calm) => {
      await limit.enter(() => 1, signal)
      gone.push(name)
    }
    const stop = new AbortController()
    const first = enter('first')
    const aborted = enter('aborted', stop.signal)
    const last = enter('last')
    stop.abort(new Error('it moved'))
    await expect(aborted).rejects.toThrow('it moved')
    expect(gone).toEqual([])
    now = 60_000
    await Promise.all([first, last])
    expect(gone).toEqual(['first', 'last'])
  })

  it('lets a call in with what is known of it then', async () => {
    let tokens = 50
    const began = performance.now()
    const limit = rateLimit({ tokensPerMinute: 60_000 }, () => performance.now())
    const entered = limit.enter(() => tokens, calm)
    tokens = 200
    expect(await entered).toBe(200)
    // 950 flow in within a second.
    expect(performance.now() - began).toBeGreaterThan(190)
  })

  it('stands while nobody may go', async () => {
    const held = deferred()
    let isHeld = true
    const limit = rateLimit(
      { requestsPerMinute: 6000 },
      () => 60_000,
      () => (isHeld ? held.promise : undefined),
    )
    let isIn = false
    const entered = limit.enter(() => 1, calm)
    void Promise.resolve(entered).then(() => {
      isIn = true
    })
    await after(50)
    expect([entered instanceof Promise, isIn]).toEqual([true, false])
    isHeld = false
    held.resolve()
  })
})

/** Whether a call may go at once; one that may not is given up. */
const limitTakes = async (limit: ReturnType<typeof rateLimit>, tokens: number): Promise<boolean> => {
  const stop = new AbortController()
  const turn = limit.enter(() => tokens, stop.signal)
  if (typeof turn === 'number') return true
  stop.abort()
  await turn.catch(() => undefined)
  return false
}

it('lets everything go where nothing limits it', () => {
  expect(rateLimit({}, () => 0).enter(() => 1e9, calm)).toBe(0)
})
