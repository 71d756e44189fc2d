import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A program of this folder in a process of its own. */
export interface Child {
  pid: number
  /** The next line it prints; undefined when it has ended. */
  line(): Promise<string | undefined>
  /** Everything it printed and did not read by `line`, when it has ended. */
  rest(): Promise<string[]>
  kill(signal: NodeJS.Signals): void
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; err: string }>
}

/** Starts `<name>` of this folder; `fileKilobytes` limits the size of every file it writes. */
export const startChild = (name: string, args: string[], options: { fileKilobytes?: number } = {}): Child => {
  const program = fileURLToPath(new URL(name, import.meta.url))
  const limit = options.fileKilobytes === undefined ? '' : `ulimit -f ${options.fileKilobytes}; `
  const command = `${limit}exec "$0" --import tsx "$@"`
  const child = spawn('bash', ['-c', command, process.execPath, program, ...args], {
    // A limited process would leave cut-off files in the cache that all share.
    env: { ...process.env, TSX_DISABLE_CACHE: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  let err = ''
  child.stderr.on('data', (piece) => {
    err += piece
  })
  const line = async () => (await lines.next()).value as string | undefined
  return {
    pid: child.pid!,
    line,
    async rest() {
      const rest: string[] = []
      for (let next = await line(); next !== undefined; next = await line()) rest.push(next)
      return rest
    },
    kill: (signal) => child.kill(signal),
    ended: once(child, 'close').then(([code, signal]) => ({ code, signal, err })),
  }
}
