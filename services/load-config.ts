import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import { KalamError, messageOf } from '../dataflow/error.ts'
import { type PipelineConfig, pipelineSchema } from './config.ts'
import { crossProblems, type Needs, type Outside } from './config-cross-checks.ts'
import { type Problem, problemsIn, problemText } from './config-problems.ts'
import { schemaProblems } from './config-schema-problems.ts'
import { isDataFile } from './ingest/file-names.ts'
import { withOwnModules } from './own-module.ts'

/** A checked pipeline.yaml, where it stands, and its text. */
export interface LoadedPipeline {
  config: PipelineConfig
  /** Folder that relative paths start from. */
  base: string
  text: string
}

/**
 * Reads and checks a pipeline.yaml. KalamError missing_file; config_invalid, which lists all problems with line and
 * column; missing_setting when variables that are not set are the only problems.
 */
export const loadPipeline = async (
  file: string,
  env: Record<string, string | undefined>,
  needs: Needs = { sources: true, calls: true },
): Promise<LoadedPipeline> => {
  const path = resolve(file)
  const base = dirname(path)
  const text = await readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    const fact = thrown.code === 'ENOENT' ? 'there is no such file' : messageOf(thrown)
    throw new KalamError('missing_file', `reading ${file}: ${fact}`, {
      hint: 'Name the file, or write one for your data:  kalam init <data file>',
      cause: thrown,
    })
  })
  if (isDataFile(path)) throw noPipeline(file)
  return { config: parsePipeline(text, file, { base, env, needs }), base, text }
}

const noPipeline = (file: string): KalamError =>
  new KalamError('usage', `reading ${file}: this is a data file and no pipeline.yaml`, {
    hint: `kalam init ${file}   writes a pipeline.yaml for it; then kalam run.`,
  })

/** For commands that ask what was done, or change what is known of it. */
export const pipelineAsBuilt = (file: string, env: Record<string, string | undefined>): Promise<LoadedPipeline> =>
  loadPipeline(file, env, { sources: false, calls: false })

/** Checks the text of a pipeline.yaml as loadPipeline does; without `outside` files and variables are not looked at. */
export const parsePipeline = (text: string, file: string, outside?: Outside): PipelineConfig => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ pos, message }) => ({
      ...lines.linePos(pos[0]),
      length: Math.max(1, pos[1] - pos[0]),
      text: `no valid YAML: ${message.split('\n')[0]}`,
    }))
    throw invalid(problems, text, file)
  }
  const at = problemsIn(document, lines)
  let value: unknown
  try {
    value = withOwnModules(document.toJS() ?? {})
  } catch (thrown) {
    throw invalid([at([], `no valid YAML: ${messageOf(thrown)}`)], text, file)
  }
  const parsed = pipelineSchema.safeParse(value)
  const crossed = crossProblems(value, at, outside)
  const problems = parsed.success ? crossed : [...schemaProblems(parsed.error, value, at), ...crossed]
  if (problems.length > 0 || !parsed.success) throw invalid(problems, text, file)
  return parsed.data
}

/** So many problems are shown; more of them have one cause. */
const mostShown = 20

const invalid = (problems: Problem[], yaml: string, file: string): KalamError => {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.col - b.col)
  const count = `${sorted.length} problem${sorted.length > 1 ? 's' : ''}`
  const variables = [...new Set(sorted.flatMap(({ variable }) => variable ?? []))]
  const onlyVariables = sorted.every(({ variable }) => variable !== undefined)
  const set = variables.map((name) => `Set ${name}, or name another variable there.\n`).join('')
  const shown = sorted.slice(0, mostShown).map((problem) => problemText(problem, yaml))
  const list = [...shown, ...(sorted.length > mostShown ? [`… and ${sorted.length - mostShown} more`] : [])].join('\n')
  return new KalamError(
    onlyVariables ? 'missing_setting' : 'config_invalid',
    `reading ${file}: ${sorted.length > 1 ? `${count}\n` : ''}${list}`,
    { hint: `${set}Nothing was started. ${count} in ${file}.`, details: { problems: sorted } },
  )
}
