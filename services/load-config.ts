import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type Document, LineCounter, parseDocument } from 'yaml'
import { KalamError, messageOf } from '../dataflow/error.ts'
import { type PipelineConfig, pipelineSchema } from './config.ts'
import { crossProblems } from './config-cross-checks.ts'
import { type Problem, problemText, schemaProblems } from './config-problems.ts'

/** A checked pipeline.yaml, where it stands, and its text. */
export interface LoadedPipeline {
  config: PipelineConfig
  /** Folder that relative paths start from. */
  base: string
  text: string
}

/** Reads and checks a pipeline.yaml; KalamError config_invalid lists all problems with line and column. */
export const loadPipeline = async (file: string, env: Record<string, string | undefined>): Promise<LoadedPipeline> => {
  const path = resolve(file)
  if (!existsSync(path)) {
    throw new KalamError('missing_file', `reading ${file}: there is no such file`, {
      hint: 'kalam init <data file> writes one.',
    })
  }
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (thrown) {
    throw new KalamError('missing_file', `reading ${file}: ${messageOf(thrown)}`, { cause: thrown })
  }
  const config = parsePipeline(text, file, dirname(path), env)
  return { config, base: dirname(path), text }
}

/** Checks the text of a pipeline.yaml, as loadPipeline does. */
export const parsePipeline = (
  text: string,
  file: string,
  base: string,
  env: Record<string, string | undefined>,
): PipelineConfig => {
  const lines = new LineCounter()
  const document: Document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const fail = (problems: Problem[]): never => {
    const count = `${problems.length} problem${problems.length > 1 ? 's' : ''} in ${file}`
    throw new KalamError(
      'config_invalid',
      `reading ${file}: ${problems.map((problem) => problemText(problem, text)).join('\n')}`,
      {
        hint: `Nothing was started. ${count}.`,
        details: { problems },
      },
    )
  }
  if (document.errors.length > 0) {
    fail(
      document.errors.map((error) => ({
        ...lines.linePos(error.pos[0]),
        length: 1,
        text: error.message.split('\n')[0]!,
      })),
    )
  }
  const parsed = pipelineSchema.safeParse(document.toJS() ?? {})
  if (!parsed.success) return fail(schemaProblems(parsed.error, document, lines))
  const crossed = crossProblems(parsed.data, base, env, document, lines)
  if (crossed.length > 0) return fail(crossed)
  return parsed.data
}
