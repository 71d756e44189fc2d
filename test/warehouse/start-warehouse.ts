import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePorts } from '../kafka/free-ports.ts'
import { type ServerProcess, serverProcess } from '../kafka/server-process.ts'
import { watchdog } from '../kafka/watchdog.ts'
import type { Control, InsertFailure, Stats } from './faults.ts'

/** A ClickHouse server of a test's own that can be made to fail; its data outlives `kill`. */
export interface TestWarehouse extends ServerProcess {
  /** For `warehouse.url` in pipeline.yaml; the same after every start. There is a database `default`, and any user may come. */
  url: string
  folder: string
  /** Does the next inserts, so many times, and answers that they failed; with no code that tells what happened when not `error`. */
  failAfterInsert(times: number, how?: InsertFailure): Promise<void>
  /** Answers nothing for so long, also what has come before, and then all of it. */
  stall(ms: number): Promise<void>
  /** Cuts all connections and takes none for so long. */
  refuse(ms: number): Promise<void>
  /** What came since the last start. */
  stats(): Promise<Stats>
  /** Ends it for good and, unless the folder was given, removes its data. */
  close(): Promise<void>
}

/** Starts a ClickHouse server (chDB in a process of its own), which ends with `close` or with this process. */
export const startWarehouse = async ({ folder }: { folder?: string } = {}): Promise<TestWarehouse> => {
  const path = folder ?? mkdtempSync(join(tmpdir(), 'kalam-warehouse-'))
  mkdirSync(path, { recursive: true })
  const dog = watchdog(folder === undefined ? path : undefined)
  const [port = 0, controlPort = 0] = await freePorts(2)
  const url = `http://127.0.0.1:${port}`
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  const server = serverProcess({
    name: 'the warehouse',
    program: process.execPath,
    args: ['--import', import.meta.resolve('tsx'), main, join(path, 'data'), String(port), String(controlPort)],
    logFile: join(path, 'warehouse.log'),
    isReady: () =>
      fetch(`${url}/ping`, { signal: AbortSignal.timeout(5_000) }).then(
        ({ ok }) => ok,
        () => false,
      ),
    watchdog: dog,
  })
  const control = async (body?: Control): Promise<Stats> => {
    const init = body && { method: 'POST', body: JSON.stringify(body) }
    return (await (await fetch(`http://127.0.0.1:${controlPort}/control`, init)).json()) as Stats
  }
  try {
    await server.start()
  } catch (cause) {
    await dog.end()
    throw cause
  }
  return Object.assign(server, {
    url,
    folder: path,
    failAfterInsert: async (times: number, how: InsertFailure = 'error') =>
      void (await control({ failAfterInsert: { times, how } })),
    stall: async (ms: number) => void (await control({ stallMs: ms })),
    refuse: async (ms: number) => void (await control({ refuseMs: ms })),
    stats: () => control(),
    async close() {
      await server.kill()
      await dog.end()
    },
  })
}
