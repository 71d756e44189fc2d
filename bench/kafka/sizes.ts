import { parseArgs } from 'node:util'

/** How much the benches do. */
export interface Sizes {
  /** Copies of test/data/chat for flow and stages: enough that starting and compiling take little of the time. */
  copies: number
  /** Copies for memory, which runs over them and over ten times as many: fewer end before buffers are full. */
  memoryCopies: number
  /** Commits of each task and size. */
  commits: number
  /** Kills of each kind. */
  repeats: number
  /** How long slots and latency are watched. */
  seconds: number
}

const usual: Sizes = { copies: 12, memoryCopies: 30, commits: 300, repeats: 5, seconds: 60 }
/** Enough to see that everything works. */
const small: Sizes = { copies: 1, memoryCopies: 1, commits: 20, repeats: 1, seconds: 8 }

/** Reads the command line: names of parts, and flags that set sizes. */
export const readArguments = (args: string[]): { names: string[]; sizes: Sizes } => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      small: { type: 'boolean', default: false },
      copies: { type: 'string' },
      'memory-copies': { type: 'string' },
      commits: { type: 'string' },
      repeats: { type: 'string' },
      seconds: { type: 'string' },
    },
  })
  const base = values.small ? small : usual
  const numbers = {
    copies: Number(values.copies ?? base.copies),
    memoryCopies: Number(values['memory-copies'] ?? base.memoryCopies),
    commits: Number(values.commits ?? base.commits),
    repeats: Number(values.repeats ?? base.repeats),
    seconds: Number(values.seconds ?? base.seconds),
  }
  for (const [name, number] of Object.entries(numbers))
    if (!(number > 0)) throw new Error(`${name} has to be a number above 0`)
  return { names: positionals, sizes: numbers }
}
