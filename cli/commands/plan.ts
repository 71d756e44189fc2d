import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { formatCount } from '../../core/report/format.ts'
import { type ControlState, generationsOf, type LineSettings } from '../../dataflow/control.ts'
import { KalamError } from '../../dataflow/error.ts'
import type { PipelineConfig } from '../../services/config.ts'
import { changedFile } from '../../services/ingest/changed-file.ts'
import { filesSource } from '../../services/ingest/files-source.ts'
import { readCheckpoints } from '../../services/ingest/read-checkpoints.ts'
import { type EditedLine, editedLines, lineSettings, linesAfter } from '../../services/line-settings.ts'
import { loadPipeline } from '../../services/load-config.ts'
import { type PlanLine, type PlannedFiles, planLines, planText } from '../display/plan-text.ts'
import type { Io } from '../io.ts'
import { workspaceFolders } from '../open-translation.ts'
import type { WithWorkspace } from '../program.ts'
import type { Workspace } from '../workspace.ts'

/** `kalam plan`: which lines a run would build, and which edits stop it; starts nothing. Exit code 1 when a run would stop. */
export const plan = async (file: string, io: Io, withWorkspace: WithWorkspace): Promise<number> => {
  // Beside a run this is done in its process, which has a folder of its own.
  const path = io.cwd === process.cwd() ? file : resolve(io.cwd, file)
  const { config, base } = await loadPipeline(path, io.env)
  const { stateFolder } = workspaceFolders(base, config)
  const lines = planLines(config, await plannedFiles(config, base))
  const isEmbedded = config.log === 'embedded'
  const planNew = (where: string, next: string): number => {
    io.out(planText(lines, () => 'new', io.columns))
    io.out(`\nA new pipeline; ${where}.\n  ${next}\n`)
    return 0
  }
  if (isEmbedded && !existsSync(join(stateFolder, 'log')))
    return planNew(`its state goes to ${stateFolder}`, `kalam run ${file}`)
  try {
    return await withWorkspace(file, (workspace, io) => planBuilt(workspace, config, file, lines, io))
  } catch (thrown) {
    if (isEmbedded || !(thrown instanceof KalamError) || thrown.code !== 'topics_missing') throw thrown
    return planNew('its topics are not there yet', 'kalam topics create')
  }
}

/** The plan of a pipeline that has run: what each line would do, and what an edit takes. */
const planBuilt = async (
  workspace: Workspace,
  config: PipelineConfig,
  file: string,
  lines: readonly PlanLine[],
  io: Io,
): Promise<number> => {
  const { control, translators, isRunning } = workspace
  await translators.load(config)
  const written = lineSettings(config, translators.lines(config))
  const edited = editedLines(control, written)
  const nameOf = ({ stage, line }: { stage: string; line: string }) => `${stage}/${line}`
  const isEdited = new Set(edited.map(nameOf))
  const after = new Set(linesAfter([...isEdited], written).map(nameOf))
  const stateOf = (line: PlanLine): string => {
    if (isEdited.has(nameOf(line))) return 'edited'
    if (after.has(nameOf(line))) return 'with it'
    return generationsOf(control, line.stage, line.line).length > 0 ? 'goes on' : 'new'
  }
  io.out(planText(lines, stateOf, io.columns))
  io.out(planText(unnamedLines(control, lines), () => 'not named', io.columns))
  const changed = await changedFiles(workspace, config)
  for (const { message, hint } of changed) io.out(`\n! ${message}\n${hint}\n`)
  if (edited.length > 0) {
    io.out(`\n${await editsText(workspace, edited, written)}`)
    return 1
  }
  if (changed.length > 0) {
    io.out('\nA run would stop.\n')
    return 1
  }
  io.out(`\n${comingText(lines, stateOf, isRunning)}.\n`)
  if (config.log !== 'embedded') io.out(hasNew(lines, stateOf) ? '  kalam topics create\n' : '  kalam work <stage>\n')
  else io.out(isRunning ? '  kalam status   shows the run that is on\n' : `  kalam run ${file}\n`)
  return 0
}

/** Lines that were built and that pipeline.yaml names no more. */
const unnamedLines = ({ generations }: ControlState, lines: readonly PlanLine[]): PlanLine[] => {
  const named = new Set(lines.map(({ stage, line }) => `${stage}/${line}`))
  const left = [...generations.values()].filter(
    ({ stage, line, state }) => state === 'live' && stage !== 'pipeline' && !named.has(`${stage}/${line}`),
  )
  return left.map(({ stage, line }) => ({
    stage,
    line,
    about: stage === 'ingest' ? 'its conversations stay in' : 'what it built stays',
  }))
}

/** Files that are not any more what was read of them. */
const changedFiles = async ({ log, codec, topics, base }: Workspace, config: PipelineConfig): Promise<KalamError[]> => {
  const found: KalamError[] = []
  for (const source of config.sources) {
    const reader = filesSource(source, { base, maxLineBytes: 0, follow: false })
    const { files } = await readCheckpoints(log, codec, topics, source.name)
    for (const file of await reader.files()) {
      const checkpoint = files.get(file.file)
      const changed = checkpoint && (await changedFile(reader, source.name, file, checkpoint))
      if (changed) found.push(changed)
    }
  }
  return found
}

/** Whether there is a line that was never built. */
const hasNew = (lines: readonly PlanLine[], stateOf: (line: PlanLine) => string): boolean =>
  lines.some((line) => stateOf(line) === 'new')

/** What comes of lines none of which was edited. */
const comingText = (lines: readonly PlanLine[], stateOf: (line: PlanLine) => string, isRunning: boolean): string => {
  const added = lines.filter((line) => stateOf(line) === 'new')
  if (added.length === lines.length) return 'Nothing was built yet'
  const byNext = isRunning ? ', by the next run' : ''
  if (added.some(({ stage }) => stage !== 'ingest'))
    return `New lines are built from all that came in${byNext}; the others go on`
  if (added.length > 0) return `New sources come in behind what is there${byNext}; all lines go on`
  return `Nothing was edited: ${isRunning ? 'the run goes on' : 'a run goes on where the last one ended'}`
}

/** Every edit, and per edited line what building it anew would do. */
const editsText = async (
  { log, codec, topics }: Workspace,
  edited: readonly EditedLine[],
  written: readonly LineSettings[],
): Promise<string> => {
  const { files } = await readCheckpoints(log, codec, topics)
  const conversations = [...files.values()].reduce((sum, { selected }) => sum + selected, 0)
  const edits = edited.flatMap(({ stage, line, differences }) =>
    differences.map((difference) => `! ${stage} ${line}: ${difference}\n`),
  )
  const replays = edited
    .filter(({ stage }) => stage !== 'ingest' && stage !== 'pipeline')
    .map(({ stage, line }) => {
      const behind = linesAfter([`${stage}/${line}`], written).map((one) => `${one.stage} ${one.line}`)
      const all = [`${stage} ${line}`, ...behind].join(', ')
      return `  kalam replay ${stage === 'score' ? `${stage}/${line}` : line}   ${all}: ${formatCount(conversations, 'conversation')} again\n`
    })
  const fixed =
    replays.length < edited.length ? 'How rows come in cannot change: put that back, or name a new source.\n' : ''
  const anew =
    replays.length === 0
      ? ''
      : `Put the settings back, give the lines new names, or build them anew beside the old ones:\n`
  return `${edits.join('')}\nA run would stop. ${fixed}${anew}${replays.join('')}`
}

const plannedFiles = async (config: PipelineConfig, base: string): Promise<Map<string, PlannedFiles>> => {
  const planned = new Map<string, PlannedFiles>()
  for (const source of config.sources) {
    const files = await filesSource(source, { base, maxLineBytes: 0, follow: false }).files()
    planned.set(source.name, { count: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) })
  }
  return planned
}
