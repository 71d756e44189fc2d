import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const chat = fileURLToPath(new URL('../test/data/chat', import.meta.url))

/** The pipeline that is measured: two candidates of the pseudo translator, by both chunkings. */
export const pipelineYaml = `
pipeline: bench
sources: [{ name: chat, path: data }]
chunkings:
  tokens490: { by: tokens }
  lines25: { by: lines }
translators:
  a: { backend: pseudo, chunking: tokens490 }
  b: { backend: pseudo, chunking: lines25 }
rankings:
  release: { candidates: [a, b], keep: { lr: ">= 0.4", scr: ">= 0.8" } }
`

/** A folder with a pipeline over so many copies of test/data/chat. */
export const benchFolder = (copies: number): { path: string; files: string[]; remove(): void } => {
  const path = mkdtempSync(join(tmpdir(), 'kalam-bench-'))
  writeFileSync(join(path, 'pipeline.yaml'), pipelineYaml)
  mkdirSync(join(path, 'data'))
  for (let copy = 0; copy < copies; copy++) cpSync(chat, join(path, 'data', String(copy)), { recursive: true })
  const names = readdirSync(join(path, 'data'), { recursive: true }) as string[]
  const files = names.filter((name) => name.endsWith('.jsonl')).map((name) => join(path, 'data', name))
  return { path, files, remove: () => rmSync(path, { recursive: true, force: true }) }
}
