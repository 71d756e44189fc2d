import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { knownNodes } from './kafka-node.ts'
import { serves } from './start-registry.ts'

/** A server that `npm run kafka -- start` left running. */
export interface Running {
  name: string
  pid: number
  /** Host and port of a broker, or the URL of a registry. */
  address: string
  /** A part of its command line by which it is known when its process number has gone to another program. */
  mark: string
}

const fileIn = (folder: string) => join(folder, 'running.json')

/** Notes in a folder what runs. */
export const noteRunning = (folder: string, servers: Running[]): void => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(fileIn(folder), `${JSON.stringify(servers, null, 2)}\n`)
}

/** What was started and not stopped, running or not. */
export const noted = (folder: string): Running[] =>
  existsSync(fileIn(folder)) ? (JSON.parse(readFileSync(fileIn(folder), 'utf8')) as Running[]) : []

/** How a server is, in words. */
export const stateOf = async (server: Running): Promise<'serves' | 'does not answer' | 'has ended'> => {
  if (!isRunning(server)) return 'has ended'
  const { address } = server
  const answers = address.startsWith('http') ? await serves(address) : (await knownNodes(address)).length > 0
  return answers ? 'serves' : 'does not answer'
}

/** Whether the process of a server is there and is the server's. */
export const isRunning = ({ pid, mark }: Running): boolean => {
  try {
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).includes(mark)
  } catch {
    // ps ends with 1 where there is no such process.
    return false
  }
}

/** Ends what is noted in a folder, by force what has not ended after 20 s, and forgets it. */
export const stopRunning = async (folder: string): Promise<void> => {
  const servers = noted(folder)
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
  rmSync(fileIn(folder), { force: true })
}
