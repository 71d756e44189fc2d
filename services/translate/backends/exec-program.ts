import { KalamError } from '../../../dataflow/error.ts'
import { orAborted, pause } from '../abortable.ts'
import { greeting } from '../calls/retried.ts'
import { aloneWhenLost } from './alone-when-lost.ts'
import { type ExecRun, type ExecRunOptions, execRun } from './exec-run.ts'
import type { ProgramEnd } from './line-process.ts'

/** How a user's program is run. */
export interface ExecProgramOptions
  extends Pick<ExecRunOptions, 'name' | 'command' | 'cwd' | 'env' | 'timeoutMs' | 'startTimeoutMs'> {
  /** Called before every start; throws when the program is another one than before. */
  beforeStart(): void
  /** Told, once of each kind, about lines that are no answers. */
  onNotice(message: string): void
}

/** A user's program, started when it is asked and anew when it has ended. */
export interface ExecProgram {
  ask: ExecRun['ask']
  close(): Promise<void>
}

/** Ends in a row without an answer between; the last of them at a greeting, so that it is no text that ends the program. */
const endsInRow = 3
const firstRestMs = 100
const longestRestMs = 10_000

/**
 * Runs the program from the first call on. Calls whose answer is lost with it are rejected, to be repeated by the caller; KalamError
 * backend_refused when it cannot be started, or ends again and again before it answers anything.
 */
export const execProgram = (options: ExecProgramOptions): ExecProgram => {
  const { name } = options
  const command = options.command.join(' ')
  const closing = new AbortController()
  const noticed = new Set<string>()
  const alive = new Set<ExecRun>()
  let running: ExecRun | undefined
  let starting: Promise<ExecRun> | undefined
  let ends = 0
  let lastEnd: ProgramEnd | undefined
  let restsUntil = 0

  const onOddLine = (kind: string, line: string) => {
    if (noticed.has(kind)) return
    noticed.add(kind)
    const shown = JSON.stringify(line.slice(0, 200).toWellFormed())
    options.onNotice(`${command} told a line that ${kind}; this and further ones are ignored: ${shown}`)
  }
  const onEnd = (end: ProgramEnd): KalamError | undefined => {
    ends++
    lastEnd = end
    restsUntil = performance.now() + Math.min(longestRestMs, firstRestMs * 2 ** Math.min(ends - 1, 10))
    return end.neverRan ? atFault(name, command, end, ends) : undefined
  }
  const greet = async (run: ExecRun, fields: Record<string, unknown>): Promise<void> => {
    try {
      const asked = { ...fields, text: greeting, sample: 0, attempt: 0 }
      await run.ask(asked, { doing: `greeting ${name}`, signal: closing.signal })
    } catch (thrown) {
      if (!run.isOver) throw thrown
      await run.ended
      throw atFault(name, command, lastEnd!, ends)
    }
  }
  const open = async (fields: Record<string, unknown>): Promise<ExecRun> => {
    await pause(Math.max(0, restsUntil - performance.now()), closing.signal)
    options.beforeStart()
    const onAnswer = () => {
      ends = 0
    }
    const run = execRun({ ...options, firstId: running?.nextId ?? 1, onAnswer, onOddLine, onEnd })
    alive.add(run)
    void run.ended.then(() => alive.delete(run))
    if (ends >= endsInRow - 1) await greet(run, fields)
    running = run
    return run
  }
  const start = (fields: Record<string, unknown>, signal: AbortSignal): Promise<ExecRun> => {
    starting ??= open(fields).finally(() => {
      starting = undefined
    })
    return orAborted(starting, signal)
  }
  return {
    ask: aloneWhenLost(async (fields, about) => {
      about.signal.throwIfAborted()
      closing.signal.throwIfAborted()
      let run = running
      while (!run || run.isOver) run = await start(fields, about.signal)
      return run.ask(fields, about)
    }),
    async close() {
      const error = new KalamError('backend_unreachable', `translating with ${name}: it is closed`)
      closing.abort(error)
      await Promise.all([...alive].map((run) => run.close(error)))
    },
  }
}

const atFault = (name: string, command: string, { fact, said, neverRan }: ProgramEnd, ends: number): KalamError => {
  const happened = neverRan
    ? `cannot be started: ${fact}`
    : `${fact} before it answered anything, ${ends} times in a row`
  const lines =
    said === '' ? '' : `; the last lines of its stderr:\n${said.split('\n').slice(-8).join('\n').toWellFormed()}`
  return new KalamError('backend_refused', `running translators.${name}.command: ${command} ${happened}${lines}`, {
    details: { unreached: true },
    hint: `Mend the program, or translators.${name}.command in pipeline.yaml; the line looks again by itself.`,
  })
}
