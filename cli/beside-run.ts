import { createHash } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

/** Answers commands of other processes while a run owns the state folder; KalamError state_in_use beside another run. Returns what ends it. */
export const serveBeside = async (
  stateFolder: string,
  answer: (request: BesideRequest) => Promise<BesideAnswer>,
): Promise<() => void> => {
  const name = createHash('sha256').update(`${stateFolder}\0${process.pid}`).digest('hex').slice(0, 16)
  const path = join(tmpdir(), `kalam-${name}.sock`)
  if (await isServed(stateFolder)) {
    throw new KalamError('state_in_use', `running on ${stateFolder}: another run does`, {
      hint: 'End it, or wait for its end: kalam status shows it.',
    })
  }
  // What an earlier one listened at is left of a killed run.
  rmSync(path, { force: true })
  if (existsSync(mark(stateFolder))) rmSync(readFileSync(mark(stateFolder), 'utf8'), { force: true })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', async (piece) => {
      text += piece
      if (!text.endsWith('\n')) return
      const result = await answer(JSON.parse(text) as BesideRequest).catch((thrown) => ({
        out: '',
        err: `${messageOf(thrown)}\n`,
        code: 1,
      }))
      socket.end(`${JSON.stringify(result)}\n`)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)
  writeFileSync(mark(stateFolder), path)
  return () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    rmSync(path, { force: true })
    rmSync(mark(stateFolder), { force: true })
  }
}

/** Whether a run listens. On an embedded log nothing else could: its owner alone comes so far. */
const isServed = (stateFolder: string): Promise<boolean> =>
  new Promise((resolve) => {
    if (!existsSync(mark(stateFolder))) return resolve(false)
    const socket = connect(readFileSync(mark(stateFolder), 'utf8'))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })

/** Runs a command in the process that owns the state folder; undefined when no run is there. */
export const askBeside = (stateFolder: string, request: BesideRequest): Promise<BesideAnswer | undefined> =>
  new Promise((resolve, reject) => {
    if (!existsSync(mark(stateFolder))) return resolve(undefined)
    const socket = connect(readFileSync(mark(stateFolder), 'utf8'))
    let text = ''
    socket.setEncoding('utf8')
    // A killed run leaves its mark behind: then nobody listens there.
    socket.once('error', () => resolve(undefined))
    socket.once('connect', () => socket.write(`${JSON.stringify(request)}\n`))
    socket.on('data', (piece) => {
      text += piece
    })
    socket.once('end', () => {
      try {
        resolve(JSON.parse(text) as BesideAnswer)
      } catch (thrown) {
        reject(thrown)
      }
    })
  })
