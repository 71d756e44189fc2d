import { once } from 'node:events'

/** Where a command writes: data and logs apart, so that it runs alike in its own process and beside a run. */
export interface Io {
  out(text: string): void
  err(text: string): void
  env: NodeJS.ProcessEnv
  /** Where paths among the arguments begin. */
  cwd: string
  /** Width of the terminal, 100 where there is none. */
  columns: number
  isTty: boolean
  /** Resolves when what was written has been taken, for commands that write without end. */
  flushed?(): Promise<void>
  /** Beside a run: asks the other process to ask again after so many milliseconds, for ever. */
  again?(ms: number): void
}

/** A command's io of this process. */
export const processIo = (): Io => ({
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  flushed: async () => void (process.stdout.writableNeedDrain && (await once(process.stdout, 'drain'))),
  env: process.env,
  cwd: process.cwd(),
  columns: process.stdout.columns ?? 100,
  isTty: Boolean(process.stdout.isTTY) && !process.env.CI,
})
