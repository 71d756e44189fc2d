import { spawn } from 'node:child_process'
import { byteLines } from './byte-lines.ts'

/** How a program is started. */
export interface LineProgram {
  command: readonly string[]
  cwd: string
  env: Record<string, string>
  onLine(line: string): void
}

/** How a program ended. */
export interface ProgramEnd {
  /** As `ended with code 1`. */
  fact: string
  /** The last lines of its stderr. */
  said: string
  /** Whether it could not be started at all. */
  neverRan: boolean
}

/** A program that is told lines and tells lines. */
export interface LineProcess {
  readonly pid: number | undefined
  /** Tells it a line; resolves when it can take another one, or has ended. */
  write(line: string): Promise<void>
  /** Resolves when it has ended and everything that it told was heard. */
  ended: Promise<ProgramEnd>
  /** Asks it to end by SIGTERM, and after a while by force. */
  kill(): void
  /** Ends its input, so that it ends by itself; after a while it is killed. */
  close(): Promise<void>
}

const graceMs = 2_000
/** A grandchild may hold the pipes of a program that has ended. */
const pipesMs = 1_000
const mostSaid = 4_000
const mostLineBytes = 64 * 2 ** 20

/** Starts a program. It stands in a group of its own: a terminal's Ctrl-C is ours alone, and ends it by the end of its input. */
export const lineProcess = ({ command, cwd, env, onLine }: LineProgram): LineProcess => {
  const [program = '', ...args] = command
  const child = spawn(program, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  const { stdin, stdout, stderr } = child
  let said = ''
  stderr.setEncoding('utf8').on('data', (piece: string) => {
    said = (said + piece).slice(-mostSaid)
  })
  stdout.on('data', byteLines(onLine, mostLineBytes))
  // Writing to a program that has just ended is no error of its own: its end is seen.
  stdin.on('error', () => undefined)
  const ended = new Promise<ProgramEnd>((resolve) => {
    const end = (fact: string, neverRan = false) => resolve({ fact, said: said.trimEnd(), neverRan })
    const exited = (code: number | null, signal: string | null) => end(`ended with ${signal ?? `code ${code}`}`)
    child.once('error', (error) => child.pid === undefined && end(error.message, true))
    child.once('exit', (code, signal) => setTimeout(exited, pipesMs, code, signal).unref())
    child.once('close', exited)
  })
  let timer: NodeJS.Timeout | undefined
  const kill = () => {
    child.kill('SIGTERM')
    timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
  }
  void ended.then(() => clearTimeout(timer))
  return {
    pid: child.pid,
    ended,
    kill,
    async write(line) {
      if (stdin.writable && !stdin.write(line))
        await Promise.race([new Promise((go) => stdin.once('drain', go)), ended])
    },
    async close() {
      stdin.end()
      timer = setTimeout(kill, graceMs)
      await ended
    },
  }
}
