import { KalamError } from '../../../dataflow/error.ts'

interface Server<T> {
  item: T
  underWay: number
  failures: number
  restsUntil: number
}

const rest = { firstMs: 1000, longestMs: 30_000 }

/**
 * Runs work on the one of several servers that has the fewest calls under way. One that just failed rests, so that its quick
 * failures do not draw all calls; when all rest, all are asked.
 */
export const leastBusy = <T>(items: readonly T[], now: () => number) => {
  const servers = items.map((item): Server<T> => ({ item, underWay: 0, failures: 0, restsUntil: 0 }))
  let last = 0
  /** Looks from behind the server chosen last, so that equal ones take turns. */
  const choose = (): Server<T> => {
    const turned = servers.map((_, i) => servers[(last + 1 + i) % servers.length]!)
    const awake = turned.filter(({ restsUntil }) => restsUntil <= now())
    const best = (awake.length > 0 ? awake : turned).reduce((a, b) => (b.underWay < a.underWay ? b : a))
    last = servers.indexOf(best)
    return best
  }
  return async <Result>(work: (item: T) => Promise<Result>): Promise<Result> => {
    const server = servers.length === 1 ? servers[0]! : choose()
    server.underWay++
    try {
      const result = await work(server.item)
      server.failures = 0
      server.restsUntil = 0
      return result
    } catch (thrown) {
      if (thrown instanceof KalamError && thrown.retryable) {
        server.restsUntil = now() + Math.min(rest.longestMs, rest.firstMs * 2 ** Math.min(server.failures++, 10))
      }
      throw thrown
    } finally {
      server.underWay--
    }
  }
}
