import { readFileSync } from 'node:fs'

/** When a process started, so that a reused pid is not taken for the old one; '' where the system does not tell. */
export const startTime = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

/** Whether the process that started then is still there; ids come again. */
export const isAlive = (pid: number, started: string): boolean => {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return startTime(pid) === started
}

/** This process by its id and the time it started at, for names of what is its own. */
export const ownProcessName = (): string => `${process.pid}.${startTime(process.pid)}`

/** Whether a process that gave itself such a name is still there. */
export const isNamedAlive = (name: string): boolean => {
  const [pid, started = ''] = name.split('.')
  return isAlive(Number(pid), started)
}
