import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** How an insert that was done is answered: with ClickHouse's error, with a proxy's page, or with a cut connection. */
export type InsertFailure = 'error' | 'gateway' | 'cut'

/** What is asked of the side channel; what is not named stays as it is. */
export interface Control {
  failAfterInsert?: { times: number; how: InsertFailure }
  stallMs?: number
  refuseMs?: number
}

/** Requests so far, since the process started. */
export interface Stats {
  queries: number
  inserts: number
  /** Inserts that were done and answered as failed. */
  failedAfterInsert: number
  /** Requests that had to wait for the end of a stall. */
  stalled: number
}

/** Faults that are on. */
export const openFaults = () => {
  const stats: Stats = { queries: 0, inserts: 0, failedAfterInsert: 0, stalled: 0 }
  let failing: Control['failAfterInsert']
  let stalledUntil = 0
  return {
    stats,
    set({ failAfterInsert, stallMs }: Control): void {
      failing = failAfterInsert ?? failing
      if (stallMs !== undefined) stalledUntil = Date.now() + stallMs
    },
    /** Waits while a stall is on. */
    async passable(): Promise<void> {
      if (Date.now() < stalledUntil) stats.stalled++
      while (Date.now() < stalledUntil) await sleep(stalledUntil - Date.now())
    },
    /** Answers an insert that was done as failed, if it is to; false when not. */
    failed(response: ServerResponse): boolean {
      if (failing === undefined || failing.times <= 0) return false
      failing.times--
      stats.failedAfterInsert++
      if (failing.how === 'cut') response.socket?.destroy()
      else if (failing.how === 'gateway') response.writeHead(502).end('<html>502 Bad Gateway</html>')
      else response.writeHead(500, { 'x-clickhouse-exception-code': '319' }).end(unknownStatus)
      return true
    },
  }
}

const unknownStatus =
  'Code: 319. DB::Exception: Unknown status, client must retry. Reason: connection loss. (UNKNOWN_STATUS_OF_INSERT) (version 26.7)'
