import type { StageLine } from '../flow.ts'
import type { LinePosition } from '../line-positions.ts'

/** What positions are asked of, and how long they are waited for. */
export interface CurrentPositionsOptions {
  /** The lines that are to be told about now. */
  lines(): readonly StageLine[]
  read(line: StageLine): Promise<LinePosition>
  /** Milliseconds, never jumping. */
  now(): number
  /** How long an answer is waited for; a log that is away gives none for much longer. */
  answerMs: number
  /** The log is asked about a line at most this often. */
  quietMs: number
}

interface Answer {
  atMs: number
  position: LinePosition | undefined
}

/**
 * Tells the positions of the present lines. A line without an answer in time is left out, so is one whose topic is not
 * there; what comes later is told the next time. Never rejects.
 */
export const currentPositions = (options: CurrentPositionsOptions): (() => Promise<LinePosition[]>) => {
  const { lines, read, now, answerMs, quietMs } = options
  let answers = new Map<string, Answer>()
  const asked = new Map<string, Promise<LinePosition | undefined>>()
  const ask = async (line: StageLine): Promise<LinePosition | undefined> => {
    // The log tells in its own events why it does not answer.
    const position = await read(line).catch(() => undefined)
    answers.set(line.group, { atMs: now(), position })
    asked.delete(line.group)
    return position
  }
  const positionOf = (line: StageLine): Promise<LinePosition | undefined> | LinePosition | undefined => {
    const last = answers.get(line.group)
    if (last && now() - last.atMs < quietMs) return last.position
    const asking = asked.get(line.group) ?? ask(line)
    if (!asked.has(line.group)) asked.set(line.group, asking)
    return within(answerMs, asking)
  }
  return async () => {
    const present = lines()
    const groups = new Set(present.map(({ group }) => group))
    answers = new Map([...answers].filter(([group]) => groups.has(group)))
    const found = await Promise.all(present.map(positionOf))
    return found.filter((position) => position !== undefined)
  }
}

/** The result of a promise that does not reject, undefined when it is late. */
const within = async <Result>(ms: number, promised: Promise<Result>): Promise<Result | undefined> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  try {
    return await Promise.race([promised, late])
  } finally {
    clearTimeout(timer)
  }
}
