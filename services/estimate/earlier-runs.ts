import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LineRates } from './measured-rates.ts'

/** Answers of a line, and how many of them were refused. */
export interface Refusals {
  calls: number
  refused: number
}

const fileName = 'measured.json'

/** Keeps in a side run's folder what later estimates ask for. */
export const keepMeasured = (folder: string, rates: readonly LineRates[]): void => {
  const lines = rates.map(({ line, calls, refused }): [string, Refusals] => [line, { calls, refused: refused * calls }])
  writeFileSync(join(folder, fileName), JSON.stringify({ lines: Object.fromEntries(lines) }))
}

/** What side runs of a pipeline measured, by line; the same rows in several of them count as often. */
export const earlierRuns = (stateFolder: string): Map<string, Refusals> => {
  const samples = join(stateFolder, 'samples')
  const sums = new Map<string, Refusals>()
  for (const name of existsSync(samples) ? readdirSync(samples) : []) {
    const file = join(samples, name, fileName)
    if (!existsSync(file)) continue
    const { lines } = JSON.parse(readFileSync(file, 'utf8')) as { lines: Record<string, Refusals> }
    for (const [line, { calls, refused }] of Object.entries(lines)) {
      const sum = sums.get(line) ?? { calls: 0, refused: 0 }
      sums.set(line, { calls: sum.calls + calls, refused: sum.refused + refused })
    }
  }
  return sums
}
