import { existsSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Turn } from '../../core/conversation/model.ts'
import { KalamError } from '../../dataflow/error.ts'
import { guessShape } from '../../services/ingest/guess-shape.ts'
import { starterPipeline } from '../../services/ingest/starter-pipeline.ts'
import type { Io } from '../io.ts'

const shownCharacters = 160
const shownTurns = 4

/**
 * `kalam init <file>`: guesses the shape of 100 rows, shows three parsed, and writes a commented pipeline.yaml. Exit code
 * 1 when no row could be parsed: then its columns are left to be filled in.
 */
export const init = async (file: string, output: string, io: Io): Promise<number> => {
  refuseOutput(output)
  const guess = await guessShape(file)
  writeFileSync(output, starterPipeline(file, output, guess))
  if (guess.parsed > 0)
    io.out(`${file}: ${guess.description}; ${guess.read} rows looked at, ${guess.parsed} of them parsed\n`)
  for (const { turns } of guess.examples) io.out(`\n${exampleText(turns)}`)
  for (const { reason, detail, count } of guess.bad)
    io.out(`\n! ${count} ${count === 1 ? 'row' : 'rows'}: ${reason}: ${printable(detail)}\n`)
  if (guess.parsed > 0) {
    io.out(
      `\nwrote ${output}. It uses the pseudo translator; the comments in it show how to get real ones.\n\n  kalam run ${output}\n`,
    )
    return 0
  }
  const rowsHave = guess.outline.map((line) => `  ${line.replace(/\p{Cc}/gu, ' ')}\n`).join('')
  io.out(
    `\nNone of the ${guess.read} rows looked at could be read as a conversation.${rowsHave === '' ? '' : ` They have:\n\n${rowsHave}`}
wrote ${output}: say under columns: how rows map to conversations, before it is run.

  kalam config check ${output}\n`,
  )
  return 1
}

const refuseOutput = (output: string): void => {
  const refuse = (fact: string, hint: string) => new KalamError('usage', `writing ${output}: ${fact}`, { hint })
  if (existsSync(output)) throw refuse('it is there already', 'Name another one with -o, or remove it.')
  if (!existsSync(dirname(output))) throw refuse('there is no such folder', 'Make it, or name another one with -o.')
}

const exampleText = (turns: Turn[]): string => {
  const lines = turns.slice(0, shownTurns).map(({ role, content }) => {
    const text = printable(content)
    const cut = text.length > shownCharacters ? `${text.slice(0, shownCharacters).toWellFormed()}…` : text
    return `  ${role.padEnd(10)} ${cut}\n`
  })
  if (turns.length > shownTurns) lines.push(`  ${' '.repeat(10)} … ${turns.length - shownTurns} more messages\n`)
  return lines.join('')
}

/** A text on one line, without what a terminal would obey. */
const printable = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, ' ')
