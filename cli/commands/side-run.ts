import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { formatCount } from '../../core/report/format.ts'
import { KalamError } from '../../dataflow/error.ts'
import { type ChosenRows, chooseRows } from '../../services/estimate/chosen-rows.ts'
import { keepMeasured } from '../../services/estimate/earlier-runs.ts'
import { lineRates, lineSpeeds, splitRates } from '../../services/estimate/measured-rates.ts'
import { filesSource } from '../../services/ingest/files-source.ts'
import { loadPipeline } from '../../services/load-config.ts'
import { askBeside } from '../beside-run.ts'
import { ratesText } from '../display/rates-text.ts'
import type { Io } from '../io.ts'
import { workspaceFolders } from '../open-translation.ts'
import type { Workspace } from '../workspace.ts'

/** A run over drawn rows, beside the pipeline's own state. */
export interface SideRun {
  /** Name of its folder below the pipeline's. */
  name: string
  /** Whether a row is drawn; `place` is `<source>/<split>`. */
  isChosen(place: string, position: number): boolean
  /** What was measured, when all is through. */
  rates(workspace: Workspace): Promise<string>
}

/**
 * Draws the rows of a side run and empties its folder: it begins anew every time, and pays nothing twice, because its answers
 * are in the pipeline's memory.
 */
export const sideRun = async (
  file: string,
  { rows, seed }: { rows: number; seed: number },
  io: Io,
  signal: AbortSignal,
): Promise<SideRun> => {
  const { config, base } = await loadPipeline(file, io.env)
  const name = `${seed}-${rows}`
  const { stateFolder } = workspaceFolders(base, config, name)
  await emptied(stateFolder, config.pipeline)
  const maxLineBytes = config.limits.conversation_bytes * 4
  const chosen = await chooseRows(
    config.sources,
    (source) => filesSource(source, { base, maxLineBytes, follow: false }),
    { rows, seed, signal },
  )
  io.err(`${chosenText(chosen, seed)}\n`)
  return {
    name,
    isChosen: chosen.has,
    rates: async ({ warehouse, config: { pipeline } }) => {
      const measured = lineRates(await splitRates(warehouse), await lineSpeeds(warehouse), chosen.splits)
      keepMeasured(stateFolder, measured)
      return ratesText(measured, { pipeline, file })
    },
  }
}

const chosenText = ({ splits }: ChosenRows, seed: number): string => {
  const sum = (of: (split: ChosenRows['splits'][number]) => number) => splits.reduce((all, one) => all + of(one), 0)
  const [drawn, all] = [sum(({ chosen }) => chosen), sum(({ rows }) => rows)]
  return `${formatCount(drawn, 'row')} of ${formatCount(all, 'row')} in ${formatCount(splits.length, 'split')} are drawn by seed ${seed}`
}

/** Nothing but a side run's folder of this pipeline is emptied. */
const emptied = async (folder: string, pipeline: string): Promise<void> => {
  const mark = join(folder, 'pipeline')
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== pipeline) return
  const asked = { argv: ['status', '--json'], cwd: folder, columns: 100, isTty: false }
  if (await askBeside(folder, asked))
    throw new KalamError('state_in_use', `opening ${folder}: the same rows are drawn and run by another process`, {
      hint: 'Wait for it to end, or take another --seed.',
    })
  rmSync(folder, { recursive: true, force: true })
}
