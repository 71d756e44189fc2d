import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { KalamError } from '../../dataflow/error.ts'
import { clickhouseWarehouse } from './clickhouse-warehouse.ts'
import type { Warehouse } from './warehouse.ts'

/** chDB in a process of its own, so that a query never stops the flow; it ends with this process. */
export const chdbWarehouse = async (options: { folder: string }): Promise<Warehouse> => {
  mkdirSync(options.folder, { recursive: true })
  const password = randomBytes(16).toString('hex')
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), new URL('./chdb-server.ts', import.meta.url).pathname],
    {
      env: { ...process.env, KALAM_CHDB_FOLDER: options.folder, KALAM_CHDB_PASSWORD: password },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  )
  const port = await started(child)
  const warehouse = clickhouseWarehouse({
    url: `http://127.0.0.1:${port}`,
    database: 'kalam',
    username: 'kalam',
    password,
  })
  return {
    ...warehouse,
    async close() {
      await warehouse.close()
      await ended(child)
    },
  }
}

/** The port a started child prints; KalamError warehouse_unavailable with what it said when it ends before. */
const started = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    let said = ''
    child.stderr!.on('data', (piece: Buffer) => {
      said = (said + piece.toString()).slice(-4000)
    })
    const fail = (fact: string) => {
      const missing = /Cannot find (package|module) '?chdb/.test(said)
      const hint = missing
        ? 'Install it: npm install chdb. Or set warehouse: { url: … } in pipeline.yaml to a ClickHouse server.'
        : 'Remove the folder warehouse in the state folder and run again: it is filled anew from the topics.'
      reject(new KalamError('warehouse_unavailable', `starting chDB: ${fact}`, { hint, details: { said } }))
    }
    child.once('error', (error) => fail(error.message))
    child.once('exit', (code, signal) =>
      fail(`its process ended with ${signal ?? code}: ${said.trim().split('\n').at(-1) ?? ''}`),
    )
    createInterface({ input: child.stdout! }).once('line', (line) =>
      resolve((JSON.parse(line) as { port: number }).port),
    )
  })

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.stdin!.end()
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await exit
  clearTimeout(timer)
}
