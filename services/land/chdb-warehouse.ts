import { setTimeout as sleep } from 'node:timers/promises'
import { KalamError } from '../../dataflow/error.ts'
import { removeBlockFiles } from './block-file.ts'
import { startChdb } from './chdb-process.ts'
import { clickhouseWarehouse } from './clickhouse-warehouse.ts'
import type { Warehouse } from './warehouse.ts'

const mostDeaths = 5
const deathWindowMs = 10 * 60_000
const noticeEndMs = 1000

/**
 * chDB in a process of its own, so that a query never stops the flow; it ends with this process. When it dies, calls under
 * way are KalamError warehouse_unavailable, retryable, and the next call starts it anew over what is on disk. From the
 * fifth death in ten minutes on the error is not retryable.
 */
export const chdbWarehouse = async (options: {
  folder: string
  /** How long it waits for a folder that another process has open; then KalamError state_in_use. */
  patienceMs?: number | undefined
  /** Called with the process of every start. */
  onStart?(process: { pid: number }): void
}): Promise<Warehouse> => {
  let deaths: number[] = []
  let closed = false
  const open = async () => {
    const process = await startChdb(options.folder, options.patienceMs)
    options.onStart?.(process)
    const opened = { process, warehouse: clickhouseWarehouse(process.server), end: undefined as string | undefined }
    void process.ended.then((end) => {
      opened.end = end
      if (closed) return
      const now = Date.now()
      deaths = [...deaths.filter((at) => at > now - deathWindowMs), now]
      current = undefined
      void opened.warehouse.close()
    })
    return opened
  }
  type Opened = Awaited<ReturnType<typeof open>>
  let current: Promise<Opened> | undefined
  /** The running process; started anew once, however many calls wait for it. */
  const running = (): Promise<Opened> => {
    const starting = current ?? open()
    current = starting
    // A start that failed is tried again by the next call.
    starting.catch(() => {
      if (current === starting) current = undefined
    })
    return starting
  }
  const through = async <Result>(work: (warehouse: Warehouse) => Promise<Result>): Promise<Result> => {
    const opened = await running()
    try {
      return await work(opened.warehouse)
    } catch (thrown) {
      if (!(thrown instanceof KalamError) || thrown.code !== 'warehouse_unavailable') throw thrown
      // The broken connection is seen before the end of the process.
      await Promise.race([opened.process.ended, sleep(noticeEndMs, undefined, { ref: false })])
      throw opened.end === undefined ? thrown : deathError(opened.end, deaths.length, thrown)
    }
  }
  await running()
  removeBlockFiles(options.folder)
  return {
    query: (sql, parameters) => through((warehouse) => warehouse.query(sql, parameters)),
    queryTable: (sql) => through((warehouse) => warehouse.queryTable(sql)),
    command: (sql) => through((warehouse) => warehouse.command(sql)),
    insert: (table, rows) => through((warehouse) => warehouse.insert(table, rows)),
    async close() {
      closed = true
      const opened = await current?.catch(() => undefined)
      await opened?.warehouse.close()
      await opened?.process.close()
    },
  }
}

const deathError = (end: string, deaths: number, cause: unknown): KalamError =>
  new KalamError('warehouse_unavailable', `asking chDB: ${end}`, {
    retryable: deaths < mostDeaths,
    hint:
      deaths < mostDeaths
        ? 'It starts again with the next call. SIGKILL often means that the machine ran out of memory: ask for less at once.'
        : `It died ${deaths} times in ten minutes. Make room in memory and on disk and run again; a ClickHouse server (warehouse: { url: … }) is the way out for large pipelines.`,
    cause,
  })
