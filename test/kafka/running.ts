import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { kafkaFolder } from './libraries.ts'

/** A server that `npm run kafka -- start` left running. */
export interface Running {
  name: string
  pid: number
  address: string
  /** A part of its command line by which it is known when its process number has gone to another program. */
  mark: string
}

const file = join(kafkaFolder, 'running.json')

/** Notes what runs. */
export const noteRunning = (servers: Running[]): void => {
  mkdirSync(kafkaFolder, { recursive: true })
  writeFileSync(file, `${JSON.stringify(servers, null, 2)}\n`)
}

/** What was started and not stopped, running or not. */
export const noted = (): Running[] => (existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Running[]) : [])

/** Whether the process of a server is there and is the server's. */
export const isRunning = ({ pid, mark }: Running): boolean => {
  try {
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).includes(mark)
  } catch {
    // ps ends with 1 where there is no such process.
    return false
  }
}

/** Ends servers in order, by force those that have not ended after 20 s, and forgets them. */
export const stopRunning = async (servers: Running[]): Promise<void> => {
  const signal = (name: NodeJS.Signals) => {
    for (const server of servers) if (isRunning(server)) process.kill(server.pid, name)
  }
  signal('SIGTERM')
  // A paused process takes no other signal before it goes on.
  signal('SIGCONT')
  const deadline = Date.now() + 20_000
  while (servers.some(isRunning)) {
    if (Date.now() > deadline) signal('SIGKILL')
    await sleep(100)
  }
  rmSync(file, { force: true })
}
