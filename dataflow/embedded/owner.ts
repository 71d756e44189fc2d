import { closeSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { KalamError } from '../error.ts'

/** Makes this process the folder's only owner; a dead owner's mark is taken over. Returns what gives it back. */
export const claimOwner = (folder: string): (() => void) => {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'owner')
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const handle = openSync(file, 'wx')
      writeSync(handle, `${process.pid} ${startTime(process.pid)}`)
      closeSync(handle)
      return () => unlinkSync(file)
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown
      const [pid = '', started = ''] = readOwner(file).split(' ')
      if (isAlive(Number(pid)) && startTime(Number(pid)) === started) {
        throw new KalamError('state_in_use', `opening ${folder}: process ${pid} is running on it`, {
          hint: `Wait for it, or stop it: kill ${pid}. Every command but run works beside it.`,
          details: { pid: Number(pid) },
        })
      }
      unlinkSync(file)
    }
  }
  throw new KalamError('state_in_use', `opening ${folder}: others are starting on it`)
}

const readOwner = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Given back between our two looks: nobody owns it.
    return ''
  }
}

const isAlive = (pid: number): boolean => {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When a process started, so that a reused pid is not taken for the old one; '' where the system does not tell. */
const startTime = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
