import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { membershipSigns } from '../../../dataflow/kafka/membership-signs.ts'
import type { LogEvent } from '../../../dataflow/log-events.ts'

describe('signs of a membership', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  const signsOf = () => {
    const events: LogEvent[] = []
    const signs = membershipSigns({ group: 'score', sessionTimeoutMs: 2000, onEvent: (event) => events.push(event) })
    let waits = 0
    const wait = (anew: boolean, signal = new AbortController().signal) => {
      waits++
      const told = signs.told(signal, { anew })
      void told.then(() => waits--)
      return told
    }
    return { signs, events, wait, waits: () => waits }
  }

  it('are enough when they are young, unless a new one is asked for', async () => {
    const { signs, wait, waits } = signsOf()
    signs.given()
    await vi.advanceTimersByTimeAsync(900)
    await wait(false)
    const anew = wait(true)
    await vi.advanceTimersByTimeAsync(200)
    const old = wait(false)
    await vi.advanceTimersByTimeAsync(0)
    expect(waits()).toBe(2)
    signs.given()
    await Promise.all([anew, old])
  })

  it('that stay away are told, once for all tasks and again every 30 s until one comes', async () => {
    const { signs, events, wait } = signsOf()
    const tasks = [wait(false), wait(true)]
    await vi.advanceTimersByTimeAsync(900)
    expect(events).toEqual([])
    await vi.advanceTimersByTimeAsync(200)
    expect(events).toEqual([
      { kind: 'waiting', group: 'score', reason: 'brokers_away', message: expect.stringContaining('group score') },
    ])
    await vi.advanceTimersByTimeAsync(31_000)
    expect(events).toHaveLength(2)
    signs.given()
    await Promise.all(tasks)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(events).toHaveLength(2)
    const next = wait(true)
    await vi.advanceTimersByTimeAsync(1100)
    expect(events).toHaveLength(3)
    signs.given()
    await next
  })

  it('are no longer waited for by who is told to stop', async () => {
    const { events, wait } = signsOf()
    const stopped = new AbortController()
    const waiting = wait(true, stopped.signal)
    stopped.abort()
    await waiting
    await wait(true, stopped.signal)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(events).toEqual([])
  })
})
