import { createHash } from 'node:crypto'
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { KalamError, messageOf } from '../dataflow/error.ts'

/** A command sent to the process that owns the state folder. */
export interface BesideRequest {
  argv: string[]
  /** Folder that the command was given in. */
  cwd: string
  columns: number
  isTty: boolean
}

/** What the command wrote there, and its exit code. */
export interface BesideAnswer {
  out: string
  err: string
  code: number
  /** When to ask again, where the command is one that watches. */
  againMs?: number
}

const mark = (stateFolder: string): string => join(stateFolder, 'socket')

/** Where a run listens, or one that was killed has listened; undefined where none has. */
const socketPath = (stateFolder: string): string | undefined => {
  try {
    // Empty for a moment while it is written.
    return readFileSync(mark(stateFolder), 'utf8') || undefined
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw thrown
  }
}

/** What a run sends to who is connected and has not asked yet when it ends: nothing was begun. */
const notBegun = '\n'
/** How long a run's end waits for answers under way. */
const lastAnswersMs = 5000

/**
 * Answers commands of other processes while a run owns the state folder; KalamError state_in_use beside another run. Returns what ends
 * it, when the answers under way are given.
 */
export const serveBeside = async (
  stateFolder: string,
  answer: (request: BesideRequest) => Promise<BesideAnswer>,
): Promise<() => Promise<void>> => {
  const name = createHash('sha256').update(`${stateFolder}\0${process.pid}`).digest('hex').slice(0, 16)
  const path = join(tmpdir(), `kalam-${name}.sock`)
  if (await isServed(stateFolder)) {
    throw new KalamError('state_in_use', `running on ${stateFolder}: another run does`, {
      hint: 'End it, or wait for its end: kalam status shows it.',
    })
  }
  // What an earlier one listened at is left of a killed run.
  rmSync(path, { force: true })
  const left = socketPath(stateFolder)
  if (left !== undefined) rmSync(left, { force: true })
  const silent = new Set<Socket>()
  const answering = new Map<Socket, Promise<void>>()
  const give = async (socket: Socket, asked: string): Promise<void> => {
    const answered = async () => answer(JSON.parse(asked) as BesideRequest)
    const result = await answered().catch((thrown) => ({ out: '', err: `${messageOf(thrown)}\n`, code: 1 }))
    await new Promise<void>((sent) => socket.end(`${JSON.stringify(result)}\n`, () => sent()))
  }
  const server = createServer((socket) => {
    silent.add(socket)
    socket.on('close', () => {
      silent.delete(socket)
      answering.delete(socket)
    })
    socket.on('error', () => socket.destroy())
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (piece) => {
      text += piece
      if (!text.endsWith('\n') || !silent.delete(socket)) return
      answering.set(socket, give(socket, text))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)
  writeFileSync(mark(stateFolder), path)
  return async () => {
    server.close()
    rmSync(path, { force: true })
    rmSync(mark(stateFolder), { force: true })
    for (const socket of silent) {
      silent.delete(socket)
      socket.end(notBegun)
    }
    await Promise.race([Promise.all(answering.values()), sleep(lastAnswersMs, undefined, { ref: false })])
    for (const socket of answering.keys()) socket.destroy()
  }
}

/** Whether a run listens. On an embedded log nothing else could: its owner alone comes so far. */
const isServed = (stateFolder: string): Promise<boolean> =>
  new Promise((resolve) => {
    const path = socketPath(stateFolder)
    if (path === undefined) return resolve(false)
    const socket = connect(path)
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })

/**
 * Runs a command in the process that owns the state folder; undefined when no run is there, or none that has begun it. KalamError
 * run_ended when the run ends, or is killed, in the middle of it.
 */
export const askBeside = (stateFolder: string, request: BesideRequest): Promise<BesideAnswer | undefined> =>
  new Promise((resolve, reject) => {
    const path = socketPath(stateFolder)
    if (path === undefined) return resolve(undefined)
    const socket = connect(path)
    let text = ''
    socket.setEncoding('utf8')
    // A killed run leaves its mark behind: then nobody listens there.
    socket.once('error', () => resolve(undefined))
    socket.once('connect', () => socket.write(`${JSON.stringify(request)}\n`))
    socket.on('data', (piece) => {
      text += piece
    })
    socket.once('end', () => {
      if (text === notBegun) resolve(undefined)
      else if (text.endsWith('\n')) resolve(JSON.parse(text) as BesideAnswer)
      else reject(ended(stateFolder))
    })
  })

const ended = (stateFolder: string): KalamError =>
  new KalamError('run_ended', `asking the run on ${stateFolder}: it ended before it had answered`, {
    hint: 'Give the command again. If it changes something, kalam status tells whether it has.',
  })
