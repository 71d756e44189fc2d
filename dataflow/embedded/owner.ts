import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { KalamError } from '../error.ts'
import { isAlive, startTime } from '../living-process.ts'
import { writeError } from './write-error.ts'

/** Makes this process the folder's only owner; a dead owner's mark is taken over. Returns what gives it back. */
export const claimOwner = (folder: string): (() => void) => {
  const file = join(folder, 'owner')
  const own = `${file}.of-${process.pid}`
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(own, `${process.pid} ${startTime(process.pid)}`)
    claim(file, own, folder)
  } catch (thrown) {
    throw thrown instanceof KalamError ? thrown : writeError(thrown, folder)
  } finally {
    rmSync(own, { force: true })
  }
  return () => rmSync(file, { force: true })
}

/**
 * Puts a copy of `own` at `file`, where nobody or a dead process stands. Only the owner of `<file>.after-<mark>` may
 * replace a dead process's mark, so that of two who find it one wins, and no living process's mark is ever removed.
 */
const claim = (file: string, own: string, folder: string): void => {
  for (let attempt = 0; attempt < 10; attempt++) {
    if (linkUnlessThere(own, file)) return
    const mark = readMark(file)
    if (mark === undefined) continue
    const [pid = '', started = ''] = mark.split(' ')
    if (isAlive(Number(pid), started)) {
      throw new KalamError('state_in_use', `opening ${folder}: process ${pid} is running on it`, {
        hint: `Wait for it, or stop it: kill ${pid}. Every command but run works beside it.`,
        details: { pid: Number(pid) },
      })
    }
    const right = `${file}.after-${mark.slice(0, 50).replaceAll(/\W/g, '-')}`
    claim(right, own, folder)
    try {
      if (readMark(file) === mark) {
        const copy = `${own}.copy`
        linkSync(own, copy)
        renameSync(copy, file)
        return
      }
    } finally {
      rmSync(right, { force: true })
    }
  }
  throw new KalamError('state_in_use', `opening ${folder}: others are starting on it`)
}

const linkUnlessThere = (from: string, to: string): boolean => {
  try {
    linkSync(from, to)
    return true
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown
    return false
  }
}

/** What stands in a mark; undefined when it was given back since it was seen. */
const readMark = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8')
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown
    return undefined
  }
}
