import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterFile } from '../clean-up.ts'

/** A folder of its own, removed after the file's tests. */
export const workFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'kalam-dataflow-'))
  afterFile(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
