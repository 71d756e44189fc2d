import { KalamError } from '../../dataflow/error.ts'
import { type ExportResult, exportRanking } from '../../services/export/export-ranking.ts'
import { differingLines, liveConfig } from '../../services/live-config.ts'
import type { Io } from '../io.ts'
import { version } from '../version.ts'
import type { Workspace } from '../workspace.ts'
import { editedText } from './report.ts'

/** Exports the named rankings; all of them stand in pipeline.yaml. */
export const exportAll = async (
  { log, codec, config: written, control, outFolder }: Workspace,
  rankings: string[],
): Promise<Map<string, ExportResult>> => {
  const results = new Map<string, ExportResult>()
  const config = liveConfig(written, control)
  for (const ranking of rankings)
    results.set(ranking, await exportRanking({ log, codec, config, control, ranking, outFolder, version }))
  return results
}

/** `kalam export [ranking]`: writes datasets of what is ranked now. */
export const exportCommand = async (workspace: Workspace, ranking: string | undefined, io: Io): Promise<number> => {
  const known = Object.keys(workspace.config.rankings)
  if (ranking !== undefined && !known.includes(ranking)) {
    throw new KalamError('not_found', `exporting ${ranking}: there is no such ranking`, {
      hint: `There is ${known.join(', ')}.`,
    })
  }
  const results = await exportAll(workspace, ranking === undefined ? known : [ranking])
  for (const [name, { folder, kept, dropped }] of results)
    io.out(`${name}: ${kept} kept, ${dropped} dropped: ${folder}\n`)
  const { config, control } = workspace
  io.out(editedText(differingLines(config, liveConfig(config, control))))
  return 0
}
