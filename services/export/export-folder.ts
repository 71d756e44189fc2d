import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { KalamError } from '../../dataflow/error.ts'

/** What the card of every export says. */
export const cardMark = 'Made with kalam '

const card = 'README.md'
const ownFolders = new Set(['data', 'dropped'])
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
  const [partial, old] = [beside(folder, 'partial'), beside(folder, 'replaced')]
  // A process died between the two steps of changing places.
  if (existsSync(old) && !existsSync(folder)) renameSync(old, folder)
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  return partial
}

/** Puts an export that is whole in the place of the one before, whose files of somebody else stay. */
export const replaceExport = (partial: string, folder: string): void => {
  const old = beside(folder, 'replaced')
  // One that a process left which died here.
  if (existsSync(old)) keepOthers(old, folder)
  if (existsSync(folder)) renameSync(folder, old)
  renameSync(partial, folder)
  if (existsSync(old)) keepOthers(old, folder)
}

const beside = (folder: string, what: string): string => join(dirname(folder), `.${basename(folder)}.kalam-${what}`)

/** Moves what an export did not write, and removes the rest; what has no room there stays where it is. */
const keepOthers = (from: string, to: string): void => {
  if (moveOthers(from, to, '')) rmSync(from, { recursive: true, force: true })
}

/** Whether all of it is moved, each file or folder of somebody else at once. */
const moveOthers = (from: string, to: string, below: string): boolean => {
  let isAll = true
  for (const name of readdirSync(join(from, below))) {
    const file = join(below, name)
    if (ownFolders.has(file) && statSync(join(from, file)).isDirectory()) isAll = moveOthers(from, to, file) && isAll
    else if (!isOwn(file)) {
      const target = join(to, file)
      if (existsSync(target)) isAll = false
      else {
        mkdirSync(dirname(target), { recursive: true })
        renameSync(join(from, file), target)
      }
    }
  }
  return isAll
}
