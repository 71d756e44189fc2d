import { existsSync, writeFileSync } from 'node:fs'
import { KalamError } from '../../dataflow/error.ts'
import { guessShape } from '../../services/ingest/guess-shape.ts'
import { starterPipeline } from '../../services/ingest/starter-pipeline.ts'
import type { Io } from '../io.ts'

const shownCharacters = 160

/** `kalam init <file>`: guesses the shape of 100 rows, shows three parsed, and writes a commented pipeline.yaml. */
export const init = async (file: string, output: string, io: Io): Promise<number> => {
  if (existsSync(output)) {
    throw new KalamError('usage', `writing ${output}: it is there already`, {
      hint: 'Name another one with -o, or remove it.',
    })
  }
  const guess = await guessShape(file)
  writeFileSync(output, starterPipeline(file, output, guess))
  io.out(`${file}: ${guess.description}; ${guess.read} rows looked at, ${guess.parsed} of them parsed\n`)
  for (const { turns } of guess.examples) {
    io.out('\n')
    for (const { role, content } of turns.slice(0, 4)) {
      const text = content.replace(/\s+/g, ' ')
      io.out(
        `  ${role.padEnd(10)} ${text.length > shownCharacters ? `${text.slice(0, shownCharacters).toWellFormed()}…` : text}\n`,
      )
    }
    if (turns.length > 4) io.out(`  ${' '.repeat(10)} … ${turns.length - 4} more messages\n`)
  }
  for (const { reason, detail, count } of guess.bad) io.out(`\n! ${count} rows: ${reason}: ${detail}\n`)
  io.out(
    `\nwrote ${output}. It uses the pseudo translator; the comments in it show how to get real ones.\n\n  kalam run ${output}\n`,
  )
  return 0
}
