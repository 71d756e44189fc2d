import { KalamError } from '../../../dataflow/error.ts'
import { asciiJson, readLine } from './json-line.ts'
import { type LineProgram, lineProcess, type ProgramEnd } from './line-process.ts'

type Answer = Record<string, unknown>
type Outcome = { answer: Answer } | { error: unknown }

/** How one started program is asked. */
export interface ExecRunOptions extends Omit<LineProgram, 'onLine'> {
  /** Name of the translator, for messages. */
  name: string
  timeoutMs: number
  /** Until the first answer. */
  startTimeoutMs: number
  /** The number of its first call; those of one program are never used again. */
  firstId: number
  onAnswer(): void
  /** Told about lines that are no answers. */
  onOddLine(kind: string, line: string): void
  /** Told how it ended, before its calls are; gives the error of all of them, if they are not just lost. */
  onEnd(end: ProgramEnd): KalamError | undefined
}

/** One started program with its calls under way. */
export interface ExecRun {
  /** Whether it ended or is about to. */
  readonly isOver: boolean
  readonly nextId: number
  /** Resolves when it has ended. */
  readonly ended: Promise<unknown>
  /** Rejects with a retryable KalamError when the answer is lost or late. */
  ask(fields: Record<string, unknown>, about: { doing: string; signal: AbortSignal }): Promise<Answer>
  /** Rejects its calls and ends it. */
  close(error: KalamError): Promise<void>
}

interface Call {
  isWritten: boolean
  sentAt: number
  doing: string
  settle(outcome: Outcome): void
}

/** Starts a program. One that has answered nothing while a call took too long is ended: it hangs. */
export const execRun = (options: ExecRunOptions): ExecRun => {
  const calls = new Map<string, Call>()
  /** Calls that wait no more; their answers may still come. */
  const dropped = new Set<string>()
  let nextId = options.firstId
  let heardAt: number | undefined
  let isOver = false
  let stopped: string | undefined
  let turn = Promise.resolve()

  const onLine = (line: string) => {
    if (line.trim() === '') return
    const answer = readLine(line)
    if (!answer) return options.onOddLine('is no JSON object', line)
    const id = String(answer.id)
    const call = calls.get(id)
    if (call) {
      heardAt = performance.now()
      options.onAnswer()
      call.settle({ answer })
    } else if (!dropped.delete(id)) {
      const isAsked = /^\d+$/.test(id) && Number(id) >= options.firstId && Number(id) < nextId
      options.onOddLine(isAsked ? 'answers a call again' : 'has an id that was not asked', line)
    }
  }
  const program = lineProcess({ ...options, onLine })
  const ended = program.ended.then((end) => {
    isOver = true
    const told = { ...end, fact: stopped ?? end.fact }
    const error = options.onEnd(told)
    for (const call of calls.values()) call.settle({ error: error ?? lost(call, told, options) })
  })
  const late = (call: Call, limitMs: number) => {
    call.settle({ error: lateError(call, limitMs, options) })
    if ((heardAt ?? Number.NEGATIVE_INFINITY) >= call.sentAt || isOver) return
    isOver = true
    stopped = `answered nothing for ${limitMs / 1000} s`
    program.kill()
  }
  const tell = (id: string, call: Call, fields: Record<string, unknown>) => {
    turn = turn.then(() => {
      if (!calls.has(id)) return
      call.isWritten = true
      return program.write(`${asciiJson({ id, ...fields })}\n`)
    })
  }
  return {
    ended,
    get isOver() {
      return isOver
    },
    get nextId() {
      return nextId
    },
    ask(fields, { doing, signal }) {
      const id = String(nextId++)
      const limitMs = heardAt === undefined ? Math.max(options.startTimeoutMs, options.timeoutMs) : options.timeoutMs
      const { call, answer } = waitingCall(doing, signal, {
        limitMs,
        onLate: () => late(call, limitMs),
        onSettled(hasAnswer) {
          calls.delete(id)
          if (!hasAnswer && call.isWritten) dropped.add(id)
        },
      })
      calls.set(id, call)
      tell(id, call, fields)
      return answer
    },
    async close(error) {
      isOver = true
      for (const { settle } of calls.values()) settle({ error })
      await program.close()
    },
  }
}

/** A call, and the promise of its answer; it is settled once. */
const waitingCall = (
  doing: string,
  signal: AbortSignal,
  { limitMs, onLate, onSettled }: { limitMs: number; onLate(): void; onSettled(hasAnswer: boolean): void },
): { call: Call; answer: Promise<Answer> } => {
  let settled = (_outcome: Outcome) => {}
  const answer = new Promise<Answer>((resolve, reject) => {
    settled = (outcome) => ('answer' in outcome ? resolve(outcome.answer) : reject(outcome.error))
  })
  const abort = () => call.settle({ error: signal.reason })
  const timer = setTimeout(onLate, limitMs)
  signal.addEventListener('abort', abort, { once: true })
  const call: Call = {
    ...{ isWritten: false, sentAt: performance.now(), doing },
    settle(outcome) {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      onSettled('answer' in outcome)
      settled(outcome)
    },
  }
  return { call, answer }
}

/** Nobody knows whether a call that was written was made; one that was not, was not. */
const lost = ({ doing, isWritten }: Call, { fact, said }: ProgramEnd, { command }: ExecRunOptions): KalamError => {
  const last = said === '' ? '' : `: ${said.slice(said.lastIndexOf('\n') + 1).toWellFormed()}`
  return new KalamError('backend_unreachable', `${doing}: ${command.join(' ')} ${fact} before it answered${last}`, {
    retryable: true,
    details: isWritten ? { lost: true } : { unreached: true },
  })
}

const lateError = ({ doing }: Call, limitMs: number, { name, command }: ExecRunOptions): KalamError =>
  new KalamError('timeout', `${doing}: no answer in ${limitMs / 1000} s`, {
    retryable: true,
    hint: `Does ${command.join(' ')} flush its output after every line? Else raise translators.${name}.timeout_s, or lower its slots.`,
  })
