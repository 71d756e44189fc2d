import { type Waiter, waitIn } from '../abortable.ts'

/** Whether an endpoint is away, which its failing calls tell; while it is, calls wait. */
export interface Breaker {
  /** Nothing while the endpoint answers, else a promise of the next try; rejects when the signal is aborted. `key` is of the text. */
  enter(key: string, signal: AbortSignal): Promise<void> | undefined
  /** The endpoint answered, be it with a refusal. */
  answered(): void
  /** A call found no answer. */
  failed(key: string): void
  /** A call that was let in ended without telling anything. */
  left(key: string): void
}

/** Failures in a row, of all calls of an endpoint, that open it. */
const opensAfter = 5

/**
 * A circuit breaker: open after failures without an answer between. Then one call at a time looks whether the endpoint is back, after
 * waits that double; it is one of those that wait, and none that failed meanwhile as long as there is another. When all have failed,
 * `greet` asks for something harmless, so that a text that nobody can answer does not keep the others away.
 */
export const breaker = (options: {
  firstWaitMs: number
  longestWaitMs: number
  random(): number
  greet(): Promise<boolean>
  /** Told before each wait. */
  onWait?(waitMs: number): void
}): Breaker => {
  const waiting = new Set<Waiter & { key: string }>()
  const failed = new Set<string>()
  let row = 0
  let round = 0
  let isOpen = false
  let trial: string | undefined
  let timer: NodeJS.Timeout | undefined

  const close = () => {
    if (row === 0 && !isOpen) return
    isOpen = false
    row = 0
    round = 0
    trial = undefined
    clearTimeout(timer)
    timer = undefined
    failed.clear()
    for (const waiter of waiting) waiter.go()
  }
  const lookLater = () => {
    if (!isOpen || timer || waiting.size === 0) return
    const longestMs = Math.min(options.longestWaitMs, options.firstWaitMs * 2 ** Math.min(round, 20))
    const waitMs = longestMs * (0.5 + options.random() / 2)
    options.onWait?.(waitMs)
    timer = setTimeout(look, waitMs)
  }
  const look = () => {
    timer = undefined
    round++
    const fresh = [...waiting].find(({ key }) => !failed.has(key))
    if (fresh) {
      trial = fresh.key
      fresh.go()
      return
    }
    if (waiting.size === 0) return
    trial = ''
    void options.greet().then((isBack) => {
      if (trial !== '') return
      trial = undefined
      if (isBack) breaking.answered()
      else lookLater()
    })
  }
  const ended = (key: string) => {
    if (trial !== key) return
    trial = undefined
    lookLater()
  }
  const breaking: Breaker = {
    enter(key, signal) {
      if (!isOpen) return undefined
      const turn = waitIn(waiting, { key }, signal)
      if (trial === undefined) lookLater()
      return turn
    },
    answered: close,
    failed(key) {
      failed.add(key)
      if (++row >= opensAfter) isOpen = true
      ended(key)
    },
    left: ended,
  }
  return breaking
}
