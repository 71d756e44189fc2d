import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { liveGeneration } from '../../dataflow/control.ts'
import { KalamError } from '../../dataflow/error.ts'
import { loadPipeline } from '../../services/load-config.ts'
import { askBeside } from '../beside-run.ts'
import { cell } from '../display/cells.ts'
import type { Io } from '../io.ts'
import { openWorkspace, workspaceFolders } from '../workspace.ts'

/** `kalam plan`: which lines a run would build, and which edits stop it; starts nothing. Exit code 1 when a run would stop. */
export const plan = async (file: string, io: Io): Promise<number> => {
  const { config, base } = await loadPipeline(file, io.env)
  const { stateFolder } = workspaceFolders(base, config)
  const lines = [
    ...config.sources.map(({ name }) => ['ingest', name] as const),
    ...Object.keys(config.chunkings).map((line) => ['chunk', line] as const),
    ...Object.keys(config.translators).flatMap((line) => [['translate', line] as const, ['score', line] as const]),
    ...Object.keys(config.rankings).map((line) => ['rank', line] as const),
  ]
  const show = (stage: string, line: string, what: string) => io.out(`${cell(stage, 11)}${cell(line, 28)}${what}\n`)
  if (!existsSync(join(stateFolder, 'log'))) {
    for (const [stage, line] of lines) show(stage, line, 'new')
    io.out(`\nA new pipeline; its state goes to ${stateFolder}.\n`)
    return 0
  }
  if (await askBeside(stateFolder, { argv: ['status', '--json'], columns: io.columns, isTty: false })) {
    io.out('A run is on this state folder: kalam status shows it. Plan again when it has ended.\n')
    return 0
  }
  try {
    const workspace = await openWorkspace(file, { env: io.env, create: false })
    for (const [stage, line] of lines)
      show(
        stage,
        line,
        liveGeneration(workspace.control, stage, line) ? 'as built, goes on' : 'new: built from all that came in',
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
