import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { KalamError } from '../../dataflow/error.ts'

/** What the card of every export says. */
export const cardMark = 'Made with kalam '

const card = 'README.md'
/** What an export writes, from its folder on. */
const isOwn = (file: string): boolean =>
  file === card || /^(?:data\/[^/]+\.(?:jsonl|parquet)|dropped\/[^/]+\.jsonl)$/.test(file.split(sep).join('/'))

/** Whether a folder holds an export. */
export const isExport = (folder: string): boolean => {
  const path = join(folder, card)
  return existsSync(path) && statSync(path).isFile() && readFileSync(path, 'utf8').includes(cardMark)
}

/** KalamError config_invalid when there is something else where a ranking is to be exported to. */
export const refuseOther = (folder: string, ranking: string): void => {
  if (!existsSync(folder) || isExport(folder)) return
  if (statSync(folder).isDirectory() && readdirSync(folder).length === 0) return
  throw new KalamError('config_invalid', `exporting ${ranking}: ${folder} is there, and is no export of kalam`, {
    hint: `Move it away, set another folder with out: in pipeline.yaml, or name the ranking otherwise.`,
  })
}

/** Where an export is written before it is whole; empty, and no name that anybody else would use. */
export const partialFolder = (folder: string): string => {
  const partial = beside(folder, 'partial')
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  return partial
}

/** Puts an export that is whole in the place of the one before, whose files of somebody else stay. */
export const replaceExport = (partial: string, folder: string): void => {
  const old = beside(folder, 'replaced')
  // One that a process left which died here.
  if (existsSync(old)) keepOthers(old, existsSync(folder) ? folder : partial)
  if (existsSync(folder)) renameSync(folder, old)
  renameSync(partial, folder)
  if (existsSync(old)) keepOthers(old, folder)
}

const beside = (folder: string, what: string): string => join(dirname(folder), `.${basename(folder)}.kalam-${what}`)

/** Moves what an export did not write, and removes the rest. */
const keepOthers = (from: string, to: string): void => {
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const file = path.slice(from.length + 1)
    const target = join(to, file)
    if (entry.isDirectory() || isOwn(file) || existsSync(target)) continue
    mkdirSync(dirname(target), { recursive: true })
    cpSync(path, target, { preserveTimestamps: true, verbatimSymlinks: true })
  }
  rmSync(from, { recursive: true, force: true })
}
