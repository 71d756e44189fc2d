import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { loadPipeline } from '../../services/load-config.ts'
import { estimateText } from '../display/estimate-text.ts'
import type { Io } from '../io.ts'
import { makeEstimate } from '../make-estimate.ts'

/** Options of `kalam estimate`. */
export interface EstimateFlags {
  rows: number | 'all'
  seed: number
  tokensPerSecond: number
  json: boolean
}

/** Splits of more bytes are read at random places, unless all rows are asked for. */
const wholeBytes = 256 * 2 ** 20

/** `kalam estimate`: tokens, money and time of a run, from a sample of the rows and the memory; calls nothing. */
export const estimate = async (file: string, flags: EstimateFlags, io: Io): Promise<number> => {
  const { rows, seed, tokensPerSecond: gpuTokensPerSecond } = flags
  const loaded = await loadPipeline(file, io.env, { sources: true, calls: false })
  const made = await makeEstimate(loaded, { env: io.env, rows, seed, gpuTokensPerSecond, wholeBytes })
  const { pipeline } = loaded.config
  io.out(
    flags.json
      ? `${JSON.stringify({ pipeline, rows, seed, gpu_tokens_per_second: gpuTokensPerSecond, ...made }, null, 2)}\n`
      : estimateText(made, { pipeline, rows, seed, gpuTokensPerSecond }),
  )
  return 0
}

/** A whole number of at least 1 from the command line. */
export const positive = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('Write a whole number of at least 1.')
  return value
}

/** A seed from the command line. */
export const seedOf = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('Write a whole number.')
  return value
}

/** Adds the options of `kalam estimate` to its command. */
export const estimateOptions = (command: Command): Command =>
  command
    .option('--rows <count>', 'rows of every split to look at, or all', rowsOf, 500)
    .option('--seed <number>', 'which rows are drawn', seedOf, 1)
    .option('--tokens-per-second <count>', 'answer tokens that one GPU gives in a second', positive, 1500)
    .option('--json', 'for machines', false)

const rowsOf = (text: string): number | 'all' => (text === 'all' ? text : positive(text))
