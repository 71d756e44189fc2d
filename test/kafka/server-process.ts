import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Watchdog } from './watchdog.ts'

/** A server in a process of its own that can be made to fail. */
export interface ServerProcess {
  /** Undefined while it does not run. */
  readonly pid: number | undefined
  /** Starts it, again after `kill` or `stop` on the same data, and waits until it serves. */
  start(): Promise<void>
  /** Ends it at once (SIGKILL). */
  kill(): Promise<void>
  /** Ends it in order (SIGTERM); at once if it does not end within 20 s. */
  stop(): Promise<void>
  /** Keeps it from doing anything (SIGSTOP) while its connections stay open. */
  pause(): void
  /** Lets it go on after `pause`. */
  resume(): void
}

/** What is started and how one sees that it serves. */
export interface ServerOptions {
  /** For messages: `broker 1`. */
  name: string
  program: string
  args: string[]
  /** Where its output is appended. */
  logFile: string
  isReady(): Promise<boolean>
  /** 60 s by default. */
  startTimeoutMs?: number
  /** Ends it with this process. Without one it lives on. */
  watchdog?: Watchdog | undefined
}

/** A server that is not started yet. */
export const serverProcess = (options: ServerOptions): ServerProcess => {
  let child: ChildProcess | undefined
  const end = async (signal: NodeJS.Signals) => {
    const ending = child
    if (!ending?.pid) return
    const gone = hasEnded(ending)
    ending.kill(signal)
    // A paused process takes no other signal before it goes on.
    ending.kill('SIGCONT')
    const late = setTimeout(() => ending.kill('SIGKILL'), 20_000)
    await gone
    clearTimeout(late)
  }
  return {
    get pid() {
      return child?.pid
    },
    async start() {
      if (child) throw new Error(`starting ${options.name}: it runs already, as process ${child.pid}`)
      const started = launch(options)
      child = started
      void hasEnded(started).then(() => {
        if (started.pid) options.watchdog?.remove(started.pid)
        if (child === started) child = undefined
      })
      await untilReady(started, options).catch(async (cause: unknown) => {
        await end('SIGKILL')
        throw cause
      })
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
  }
}

const launch = ({ program, args, logFile, watchdog }: ServerOptions): ChildProcess => {
  const log = openSync(logFile, 'a')
  // Its own group: a key press that ends the tests must not end the server before they have said goodbye.
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  if (child.pid) watchdog?.add(child.pid)
  return child
}

const hasEnded = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('exit', () => resolve()).once('error', () => resolve())
  })

const untilReady = async (child: ChildProcess, options: ServerOptions): Promise<void> => {
  const { name, logFile, isReady, startTimeoutMs = 60_000 } = options
  const deadline = Date.now() + startTimeoutMs
  let ended = false
  void hasEnded(child).then(() => {
    ended = true
  })
  while (!(await isReady())) {
    if (ended) throw new Error(`starting ${name}: it ended before it was ready; ${logFile} ends with\n${tail(logFile)}`)
    if (Date.now() > deadline)
      throw new Error(
        `starting ${name}: not ready after ${startTimeoutMs / 1_000} s; ${logFile} ends with\n${tail(logFile)}`,
      )
    await sleep(50)
  }
}

const tail = (file: string): string =>
  existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n') : '(no output)'
