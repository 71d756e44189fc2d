import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { KalamError } from '../../dataflow/error.ts'
import type { ClickhouseOptions } from './clickhouse-warehouse.ts'

/** A running chDB process. */
export interface ChdbProcess {
  /** How to reach it. */
  server: ClickhouseOptions
  pid: number
  /** Resolves with how it ended: a signal or an exit code. */
  ended: Promise<string>
  /** Ends it in good order; after 10 s by force. */
  close(): Promise<void>
}

const defaultPatienceMs = 10_000
const endWaitMs = 10_000

/**
 * Starts chDB over a folder in a process of its own. One that a killed run left behind may hold the folder for a moment:
 * waited for. KalamError state_in_use when it is held for longer, warehouse_unavailable when chDB is missing or cannot open the folder.
 */
export const startChdb = async (folder: string, patienceMs = defaultPatienceMs): Promise<ChdbProcess> => {
  mkdirSync(folder, { recursive: true })
  const until = Date.now() + patienceMs
  for (;;) {
    const attempt = await tryStart(folder)
    if ('server' in attempt) return attempt
    if (!isLocked(attempt.said) || Date.now() > until) throw startError(attempt, folder)
    await sleep(300)
  }
}

interface Failure {
  fact: string
  said: string
}

const tryStart = async (folder: string): Promise<ChdbProcess | Failure> => {
  const password = randomBytes(16).toString('hex')
  const child = spawn(process.execPath, serverArguments(), {
    env: { ...process.env, KALAM_CHDB_FOLDER: folder, KALAM_CHDB_PASSWORD: password },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr!.on('data', (piece: Buffer) => {
    said = (said + piece.toString()).slice(-4000)
  })
  // Writing to a process that has just ended is no error of its own: its end is seen.
  child.stdin!.on('error', () => undefined)
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(`its process ended with ${signal ?? `code ${code}`}`))
  })
  const port = await Promise.race([portOf(child), ended])
  if (typeof port === 'string') return { fact: port, said }
  return {
    server: { url: `http://127.0.0.1:${port}`, database: 'kalam', username: 'kalam', password, blockFolder: folder },
    pid: child.pid!,
    ended,
    async close() {
      child.stdin!.end('close\n')
      const timer = setTimeout(() => child.kill('SIGKILL'), endWaitMs)
      await ended
      clearTimeout(timer)
    },
  }
}

/** Compiled, it stands beside this; from the TypeScript itself, as tests run it, it is compiled at its start. */
const serverArguments = (): string[] => {
  const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
  return import.meta.url.endsWith('.ts')
    ? ['--import', import.meta.resolve('tsx'), path('./chdb-server.ts')]
    : [path('./chdb-server.js')]
}

const portOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) =>
    createInterface({ input: child.stdout! }).once('line', (line) =>
      resolve((JSON.parse(line) as { port: number }).port),
    ),
  )

const isLocked = (said: string): boolean => said.includes('Cannot lock file')

const startError = ({ fact, said }: Failure, folder: string): KalamError => {
  if (isLocked(said))
    return new KalamError('state_in_use', `starting chDB on ${folder}: another process has it open`, {
      hint: 'End that process, or wait until it is done, and run again.',
      details: { said },
    })
  const missing = /Cannot find (package|module) '?chdb/.test(said)
  const hint = missing
    ? 'Install it: npm install chdb. Or set warehouse: { url: … } in pipeline.yaml to a ClickHouse server.'
    : `Move ${folder} away and run again: the tables are filled anew from the topics.`
  const lines = said.trim().split('\n')
  const reason = lines.find((line) => line.startsWith('Code:')) ?? lines.find((line) => /Error|Cannot/.test(line))
  return new KalamError(
    'warehouse_unavailable',
    `starting chDB: ${fact}${reason ? `: ${reason.trim().slice(0, 400)}` : ''}`,
    {
      hint,
      details: { said },
    },
  )
}
