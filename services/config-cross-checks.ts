import { existsSync, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { conversationMetrics } from '../core/metrics/score-conversation.ts'
import { brokerProblem } from './broker-addresses.ts'
import { type Path, type Problem, type ProblemAt, pathName } from './config-problems.ts'
import { didYouMean } from './config-schema-problems.ts'
import { isDataFile, patternRoot } from './ingest/file-names.ts'
import { keyProblem, urlProblem, variablesIn } from './translate/base-urls.ts'

/** What cross checks look at besides the text. */
export interface Outside {
  /** Folder that relative paths start from. */
  base: string
  env: Record<string, string | undefined>
  /** Everything without it. */
  needs?: Needs
}

/** What a command needs besides the file: one that only asks what was done needs no source and no key. */
export interface Needs {
  /** The files of the sources. */
  sources: boolean
  /** What calls are made with: keys and programs. */
  calls: boolean
}

type Entry = { path: Path; name: string; settings: Record<string, unknown> }

/**
 * Problems between settings and with what is outside: names that do not exist, names used twice, files that are not
 * there, variables that are not set. Looks at the values as written, so it works where the schema found problems too;
 * without `outside` files and variables are not looked at.
 */
export const crossProblems = (value: unknown, at: ProblemAt, outside: Outside | undefined): Problem[] => {
  const root = record(value)
  const sources = list(root.sources).map((source, i) => entry(['sources', i], nameOf(source, i), source))
  const chunkings = entries(root, 'chunkings')
  const translators = entries(root, 'translators')
  const lines = translators.flatMap(({ name, settings }) => sampleLines(name, settings.samples))
  return [
    ...twice(sources, at),
    ...chunkings.flatMap((chunking) => chunkingProblems(chunking, at, outside)),
    ...translators.flatMap((translator) => {
      const chunking = translator.settings.chunking
      return typeof chunking === 'string'
        ? unknownName(
            chunking,
            { path: [...translator.path, 'chunking'], kind: 'chunking', names: chunkings.map(({ name }) => name) },
            at,
          )
        : []
    }),
    ...translators.flatMap((translator) => equalSamples(translator, at)),
    ...entries(root, 'rankings').flatMap(({ path, settings }) =>
      list(settings.candidates).flatMap((candidate, i) =>
        typeof candidate === 'string'
          ? unknownName(candidate, { path: [...path, 'candidates', i], kind: 'translator line', names: lines }, at)
          : [],
      ),
    ),
    ...entries(root, 'rankings').flatMap((ranking) => metricProblems(ranking, at)),
    ...(outside && outside.needs?.sources !== false
      ? sources.flatMap((source) => sourceFileProblems(source, at, outside))
      : []),
    ...(outside ? translators.flatMap((translator) => translatorOutside(translator, at, outside)) : []),
    ...(outside ? kafkaOutside(record(record(root.log).kafka), at, outside) : []),
    ...(outside
      ? ['warehouse', 'memory'].flatMap((name) =>
          unsetVariables([name], record(root[name]), ['url', 'password'], at, outside),
        )
      : []),
  ]
}

/** A translator's lines: one per sample, the first without a number. */
export const sampleLines = (name: string, samples: unknown): string[] => {
  const more = typeof samples === 'number' && samples >= 1 && samples <= 16 ? Math.floor(samples) - 1 : 0
  return [name, ...Array.from({ length: more }, (_, i) => `${name}-s${i + 1}`)]
}

const twice = (sources: Entry[], at: ProblemAt): Problem[] =>
  sources.flatMap(({ path, name }, i) => {
    const first = sources.findIndex((source) => source.name === name)
    return first === i
      ? []
      : [at([...path, 'name'], `${pathName(path)}.name: ${name} is the name of source ${first + 1} already`)]
  })

const chunkingProblems = ({ path, name, settings }: Entry, at: ProblemAt, outside: Outside | undefined): Problem[] => {
  const { by, target = 490, limit = 512, tokenizer } = settings
  const problems: Problem[] = []
  if (by === 'tokens' && typeof target === 'number' && typeof limit === 'number' && target >= limit) {
    const text = `chunkings.${name}: the target of ${target} tokens is not below the limit of ${limit}`
    problems.push(at([...path, settings.target === undefined ? 'limit' : 'target'], text))
  }
  if (outside && typeof tokenizer === 'string' && tokenizer !== 'llama3.1') {
    problems.push(...missingFile([...path, 'tokenizer'], tokenizer, at, outside))
  }
  return problems
}

/** Samples of one temperature 0 are one answer, paid several times. */
const equalSamples = ({ path, name, settings }: Entry, at: ProblemAt): Problem[] => {
  const { backend, samples } = settings
  const drawn = record(settings.extra).temperature ?? record(settings.sampling).temperature ?? 0
  if (backend !== 'openai' || typeof samples !== 'number' || samples <= 1 || drawn !== 0) return []
  const text = `translators.${name}.samples: ${samples} samples are all the same at temperature 0; set sampling: { temperature: 0.7 } or the like, or samples: 1`
  return [at([...path, 'samples'], text)]
}

const unknownName = (name: string, where: { path: Path; kind: string; names: string[] }, at: ProblemAt): Problem[] => {
  const { path, kind, names } = where
  if (names.includes(name)) return []
  const known = names.length > 0 ? `there is ${names.join(', ')}` : 'there is none'
  return [at(path, `${pathName(path)}: there is no ${kind} ${name}; ${known}${didYouMean(name, names)}`)]
}

/** Metrics that a ranking names and nothing computes, and thresholds of shares that nothing or everything passes. */
const metricProblems = ({ path, settings }: Entry, at: ProblemAt): Problem[] => {
  const keep = record(settings.keep)
  const named: Path[] = [
    ...Object.keys(record(settings.weights)).map((name) => [...path, 'weights', name]),
    ...Object.keys(record(keep.metrics)).map((name) => [...path, 'keep', 'metrics', name]),
  ]
  const kind = { kind: 'metric', names: conversationMetrics }
  const shares = ['lr', 'scr'].filter((name) => Math.abs(Number(String(keep[name] ?? 0).replace(/^[<>=! ]+/, ''))) > 1)
  return [
    ...named.flatMap((where) => unknownName(String(where.at(-1)), { path: where, ...kind }, at)),
    ...shares.map((name) => {
      const where = [...path, 'keep', name]
      return at(where, `${pathName(where)}: ${name} is from 0 to 1; found ${String(keep[name])}`)
    }),
  ]
}

const sourceFileProblems = ({ path: where, settings }: Entry, at: ProblemAt, outside: Outside): Problem[] => {
  const written = settings.path
  if (typeof written !== 'string') return []
  const path = [...where, 'path']
  const target = resolve(outside.base, written)
  if (written.includes('*')) {
    const root = patternRoot(target)
    return existsSync(root) ? [] : [at(path, `${pathName(path)}: there is no folder ${root}`)]
  }
  if (!existsSync(target)) return missingFile(path, written, at, outside)
  if (statSync(target).isDirectory() || isDataFile(target)) return []
  return [at(path, `${pathName(path)}: ${written} is no .jsonl, .jsonl.gz or .parquet file`)]
}

const translatorOutside = ({ path, settings }: Entry, at: ProblemAt, outside: Outside): Problem[] => {
  const problems: Problem[] = []
  if (settings.backend === 'recorded' && typeof settings.file === 'string')
    problems.push(...missingFile([...path, 'file'], settings.file, at, outside))
  const calls = outside.needs?.calls ?? true
  if (settings.backend === 'openai') {
    problems.push(...unsetVariables(path, settings, calls ? ['url', 'key'] : ['url'], at, outside))
    problems.push(...wrongUrl([...path, 'url'], settings.url, at, outside))
    problems.push(...wrongKey([...path, 'key'], settings.key, at, outside))
  }
  if (settings.backend === 'module' && typeof settings.module === 'string')
    problems.push(...missingFile([...path, 'module'], settings.module, at, outside))
  if (settings.backend === 'exec' && calls)
    problems.push(...missingProgram([...path, 'command'], list(settings.command)[0], at, outside))
  if (settings.backend === 'exec' && calls)
    problems.push(...unsetPassed([...path, 'pass'], list(settings.pass), at, outside))
  return problems
}

const kafkaOutside = (kafka: Record<string, unknown>, at: ProblemAt, outside: Outside): Problem[] => {
  const path = ['log', 'kafka']
  const brokers = list(kafka.brokers)
  return [
    ...unsetVariables(path, kafka, ['registry'], at, outside),
    ...brokers.flatMap((broker, i) => unsetVariables([...path, 'brokers'], { [i]: broker }, [String(i)], at, outside)),
    ...brokers.flatMap((broker, i) => wrongBroker([...path, 'brokers', i], broker, at, outside)),
  ]
}

const unsetVariables = (
  path: Path,
  settings: Record<string, unknown>,
  keys: string[],
  at: ProblemAt,
  { env }: Outside,
): Problem[] =>
  keys.flatMap((key) => {
    const written = settings[key]
    if (typeof written !== 'string') return []
    return variablesIn(written).flatMap((variable) => {
      const text = `${pathName([...path, key])}: the variable ${variable} is not set`
      return env[variable] ? [] : [{ ...at([...path, key], text), variable }]
    })
  })

const wrongUrl = (path: Path, written: unknown, at: ProblemAt, { env }: Outside): Problem[] => {
  if (typeof written !== 'string' || variablesIn(written).some((variable) => !env[variable])) return []
  const problem = urlProblem(written, env)
  return problem === undefined ? [] : [at(path, `${pathName(path)}: ${problem}`)]
}

const wrongBroker = (path: Path, written: unknown, at: ProblemAt, { env }: Outside): Problem[] => {
  if (typeof written !== 'string' || variablesIn(written).some((variable) => !env[variable])) return []
  const problem = brokerProblem(written, env)
  return problem === undefined ? [] : [at(path, `${pathName(path)}: ${problem}`)]
}

const wrongKey = (path: Path, written: unknown, at: ProblemAt, { env }: Outside): Problem[] => {
  if (typeof written !== 'string') return []
  return variablesIn(written).flatMap((variable) => {
    const problem = keyProblem(variable, env[variable] ?? '')
    return problem === undefined ? [] : [at(path, `${pathName(path)}: ${problem}`)]
  })
}

const missingFile = (path: Path, written: string, at: ProblemAt, { base }: Outside): Problem[] => {
  const file = resolve(base, written)
  return existsSync(file) ? [] : [at(path, `${pathName(path)}: there is no ${file}`)]
}

/** A program by its name alone is looked for in PATH, any other from pipeline.yaml's folder. */
const missingProgram = (path: Path, program: unknown, at: ProblemAt, outside: Outside): Problem[] => {
  if (typeof program !== 'string') return []
  if (program.includes('/')) return missingFile([...path, 0], program, at, outside)
  const folders = (outside.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  if (folders.some((folder) => existsSync(join(folder, program)))) return []
  return [at([...path, 0], `${pathName(path)}: there is no program ${program} in the folders of PATH`)]
}

const unsetPassed = (path: Path, names: unknown[], at: ProblemAt, { env }: Outside): Problem[] =>
  names.flatMap((variable, i) =>
    typeof variable !== 'string' || env[variable]
      ? []
      : [{ ...at([...path, i], `${pathName(path)}: the variable ${variable} is not set`), variable }],
  )

const entries = (root: Record<string, unknown>, section: string): Entry[] =>
  Object.entries(record(root[section])).map(([name, settings]) => entry([section, name], name, settings))

const entry = (path: Path, name: string, settings: unknown): Entry => ({ path, name, settings: record(settings) })

/** A source without a name still has its place, so that the others can be compared. */
const nameOf = (source: unknown, index: number): string => {
  const { name } = record(source)
  return typeof name === 'string' ? name : `#${index}`
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
