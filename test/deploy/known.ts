import type { Command } from 'commander'
import { parse } from 'yaml'
import { processIo } from '../../cli/io.ts'
import { buildProgram } from '../../cli/program.ts'
import type { PipelineConfig } from '../../services/config.ts'
import { parsePipeline } from '../../services/load-config.ts'
import { read, sourceFiles } from '../repository/files.ts'

/** Ingest, and every stage of services/pipeline.ts. */
export const stages = [
  'ingest',
  ...new Set([...read('services/pipeline.ts').matchAll(/\bstage: '(\w+)'/g)].map(([, stage]) => stage!)),
]

/** Variables that the code reads: names that begin with KALAM_ in the folders that are in the image. */
export const knownVariables: ReadonlySet<string> = new Set(
  sourceFiles()
    .filter(({ path }) => /^(cli|services|dataflow)\//.test(path))
    .flatMap(({ text }) => text.match(/\bKALAM_[A-Z_]+\b/g) ?? []),
)

/** Variables that a pipeline.yaml names. */
export const variablesOf = (pipeline: string): string[] => [
  ...new Set([...pipeline.replaceAll(/^\s*#.*$/gm, '').matchAll(/\$([A-Za-z_]\w*)/g)].map(([, name]) => name!)),
]

/** What the CLI's own parser says against a command line; undefined when it accepts it. Nothing is run. */
export const refusal = (args: readonly string[]): string | undefined => {
  let said = ''
  const io = {
    ...processIo(),
    out: () => undefined,
    err: (text: string) => {
      said += text
    },
  }
  const program = buildProgram(
    io,
    () => Promise.resolve(0),
    () => undefined,
  )
  disarm(program)
  try {
    program.parse([...args], { from: 'user' })
    return undefined
  } catch (thrown) {
    return said || String(thrown)
  }
}

const disarm = (command: Command): void => {
  command.exitOverride()
  if (command.commands.length === 0) command.action(() => undefined)
  for (const one of command.commands) disarm(one as Command)
}

/** The checked configuration of a pipeline.yaml of the project; files and variables outside of it are not looked at. */
export const pipelineAt = (path: string): PipelineConfig => parsePipeline(read(path), path)

/** A YAML or JSON file of the project. */
export const readYaml = <Value>(path: string): Value => parse(read(path), { merge: true }) as Value

/** What is wrong with an image's name: it has no tag, or one that is another image tomorrow. */
export const imageProblem = (image: string): string | undefined =>
  /^[a-z0-9./-]+:v?\d[\w.-]*$/.test(image) ? undefined : `${image} has no version for a tag`
