import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { liveGeneration } from '../../dataflow/control.ts'
import { KalamError } from '../../dataflow/error.ts'
import type { PipelineConfig } from '../../services/config.ts'
import { filesSource } from '../../services/ingest/files-source.ts'
import { loadPipeline } from '../../services/load-config.ts'
import { askBeside } from '../beside-run.ts'
import { type PlannedFiles, planLines, planText } from '../display/plan-text.ts'
import type { Io } from '../io.ts'
import { openWorkspace, workspaceFolders } from '../workspace.ts'

/** `kalam plan`: which lines a run would build, and which edits stop it; starts nothing. Exit code 1 when a run would stop. */
export const plan = async (file: string, io: Io): Promise<number> => {
  const { config, base } = await loadPipeline(file, io.env)
  const { stateFolder } = workspaceFolders(base, config)
  const lines = planLines(config, await plannedFiles(config, base))
  if (!existsSync(join(stateFolder, 'log'))) {
    io.out(planText(lines, () => 'new', io.columns))
    io.out(`\nA new pipeline; its state goes to ${stateFolder}.\n  kalam run ${file}\n`)
    return 0
  }
  if (await askBeside(stateFolder, { argv: ['status', '--json'], cwd: io.cwd, columns: io.columns, isTty: false })) {
    io.out('A run is on this state folder: kalam status shows it. Plan again when it has ended.\n')
    return 0
  }
  try {
    const workspace = await openWorkspace(file, { env: io.env, create: false })
    const isBuilt = (stage: string, line: string) =>
      stage === 'ingest' || liveGeneration(workspace.control, stage, line) !== undefined
    io.out(planText(lines, ({ stage, line }) => (isBuilt(stage, line) ? 'goes on' : 'new'), io.columns))
    const fresh = lines.filter(({ stage, line }) => !isBuilt(stage, line)).length
    io.out(
      `\n${fresh === 0 ? 'Nothing was edited: a run goes on where the last one ended.' : 'New lines are built from all that came in; the others go on.'}\n  kalam run ${file}\n`,
    )
    await workspace.close()
    return 0
  } catch (thrown) {
    if (!(thrown instanceof KalamError) || thrown.code !== 'settings_changed') throw thrown
    for (const change of (thrown.details.changed as string[] | undefined) ?? [thrown.message]) io.out(`! ${change}\n`)
    io.out(`\nA run would stop. ${thrown.hint ?? ''}\n`)
    return 1
  }
}

const plannedFiles = async (config: PipelineConfig, base: string): Promise<Map<string, PlannedFiles>> => {
  const planned = new Map<string, PlannedFiles>()
  for (const source of config.sources) {
    const files = await filesSource(source, { base, maxLineBytes: 0, follow: false }).files()
    planned.set(source.name, { count: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) })
  }
  return planned
}
