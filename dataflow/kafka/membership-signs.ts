import { type Deferred, deferred } from '../deferred.ts'
import type { LogEvents } from '../log-events.ts'

/** Signs that a group still counts on a member, for tasks that may go on only with one. */
export interface MembershipSigns {
  /** The group has given one. */
  given(): void
  /**
   * Resolves at the next sign, or at once when the last one is not older than half a session and need not come `anew`, or
   * when the signal is aborted. A wait of more than half a session is told as an event, and again every 30 s.
   */
  told(signal: AbortSignal, options: { anew: boolean }): Promise<void>
}

const toldAgainMs = 30_000

/** Signs of one member; between two of them a group that can be reached takes much less than half a session. */
export const membershipSigns = (options: {
  group: string
  sessionTimeoutMs: number
  onEvent: LogEvents | undefined
}): MembershipSigns => {
  const { group, onEvent } = options
  const freshMs = options.sessionTimeoutMs / 2
  let waiting: Deferred = deferred()
  let givenAt = Number.NEGATIVE_INFINITY
  let toldAt = Number.NEGATIVE_INFINITY
  const tell = () => {
    if (Date.now() - toldAt < toldAgainMs) return
    toldAt = Date.now()
    const message = `waiting to hear from group ${group}: its brokers do not answer, or its members are gathering`
    onEvent?.({ kind: 'waiting', group, reason: 'brokers_away', message })
  }
  return {
    given() {
      givenAt = Date.now()
      toldAt = Number.NEGATIVE_INFINITY
      waiting.resolve()
      waiting = deferred()
    },
    async told(signal, { anew }) {
      if (signal.aborted || (!anew && Date.now() - givenAt < freshMs)) return
      const aborted = deferred()
      const abort = () => aborted.resolve()
      signal.addEventListener('abort', abort, { once: true })
      const telling = setInterval(tell, freshMs)
      await Promise.race([waiting.promise, aborted.promise])
      clearInterval(telling)
      signal.removeEventListener('abort', abort)
    },
  }
}
