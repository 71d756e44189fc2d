import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** How the flow's translator calls. */
export interface Calling {
  url: string
  slots: number
  timeoutS?: number
}

/** A folder with rows and a pipeline of one translator behind a server and one ranking. */
export const flowFolder = (
  rows: readonly string[],
  { url, slots, timeoutS = 60 }: Calling,
): { path: string; file: string; remove(): void } => {
  const path = mkdtempSync(join(tmpdir(), 'kalam-bench-'))
  const file = join(path, 'pipeline.yaml')
  writeFileSync(join(path, 'rows.jsonl'), `${rows.join('\n')}\n`)
  writeFileSync(
    file,
    `
pipeline: translate
sources: [{ name: chat, path: rows.jsonl }]
chunkings: { lines25: { by: lines } }
translators:
  model: { backend: openai, url: "${url}", model: fake, chunking: lines25, slots: ${slots}, timeout_s: ${timeoutS} }
rankings: { release: { candidates: [model] } }
`,
  )
  return { path, file, remove: () => rmSync(path, { recursive: true, force: true }) }
}
