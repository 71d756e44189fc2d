import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Document, LineCounter } from 'yaml'
import type { PipelineConfig } from './config.ts'
import { type Problem, problemAt } from './config-problems.ts'

/** Problems between settings: names that do not exist, files that are not there, variables that are not set. */
export const crossProblems = (
  config: PipelineConfig,
  base: string,
  env: Record<string, string | undefined>,
  document: Document,
  lines: LineCounter,
): Problem[] => {
  const problems: Problem[] = []
  const at = (path: (string | number)[], text: string) => problems.push(problemAt(path, text, document, lines))
  const chunkings = Object.keys(config.chunkings)
  const translatorLines = Object.entries(config.translators).flatMap(([name, settings]) => [
    name,
    ...Array.from({ length: settings.backend === 'openai' ? settings.samples - 1 : 0 }, (_, i) => `${name}-s${i + 1}`),
  ])

  config.sources.forEach((source, i) => {
    if (config.sources.findIndex(({ name }) => name === source.name) !== i)
      at(['sources', i, 'name'], `sources: the name ${source.name} is there twice`)
    const path = resolve(base, source.path)
    const there = source.path.includes('*')
      ? existsSync(dirname(path.slice(0, path.indexOf('*') + 1)))
      : existsSync(path)
    if (!there) at(['sources', i, 'path'], `sources.${source.name}.path: there is no ${path}`)
  })
  for (const [name, settings] of Object.entries(config.translators)) {
    if (!chunkings.includes(settings.chunking)) {
      at(
        ['translators', name, 'chunking'],
        `translators.${name}.chunking: there is no chunking ${settings.chunking}; there is ${chunkings.join(', ')}`,
      )
    }
    if (settings.backend === 'recorded' && !existsSync(resolve(base, settings.file))) {
      at(['translators', name, 'file'], `translators.${name}.file: there is no ${resolve(base, settings.file)}`)
    }
    if (settings.backend !== 'openai') continue
    for (const key of ['url', 'key'] as const) {
      for (const [, variable] of (settings[key] ?? '').matchAll(/\$(\w+)/g)) {
        if (!env[variable!])
          at(['translators', name, key], `translators.${name}.${key}: the variable ${variable} is not set`)
      }
    }
  }
  for (const [name, { candidates }] of Object.entries(config.rankings)) {
    candidates.forEach((candidate, i) => {
      if (!translatorLines.includes(candidate)) {
        at(
          ['rankings', name, 'candidates', i],
          `rankings.${name}: there is no translator ${candidate}; there is ${translatorLines.join(', ')}`,
        )
      }
    })
  }
  return problems
}
