import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Connections } from './connections.ts'

/** Notes on disk which members of groups this machine's processes are, so that a restarted one can leave for a dead one. */
export interface MemberMarks {
  /** Leaves a group for members of this machine whose process is gone: others need not wait for their session to end. */
  leaveForDead(connections: Connections, group: string): Promise<void>
  joined(group: string, memberId: string): void
  left(group: string): void
}

/** Marks in a folder, which several processes of one machine may share. Without a folder nothing is noted. */
export const memberMarks = (folder: string | undefined): MemberMarks => {
  if (folder === undefined)
    return { leaveForDead: async () => undefined, joined: () => undefined, left: () => undefined }
  mkdirSync(folder, { recursive: true })
  const host = hostname()
  const own = (group: string) => `${group}@${host}@${process.pid}`
  const mine = new Set<string>()
  return {
    async leaveForDead(connections, group) {
      for (const name of readdirSync(folder)) {
        const [of, at, pid] = name.split('@')
        // A container's process may have its predecessor's number: then the mark is the predecessor's too.
        if (of !== group || at !== host || (Number(pid) !== process.pid && isAlive(Number(pid)))) continue
        if (mine.has(name)) continue
        const coordinator = await connections.coordinatorOf(group)
        const memberId = taken(join(folder, name))
        if (memberId === undefined) continue
        // The group may have forgotten the member already.
        await coordinator.leaveGroup({ groupId: group, memberId }).catch(() => undefined)
      }
    },
    joined(group, memberId) {
      mine.add(own(group))
      writeFileSync(join(folder, own(group)), memberId)
    },
    left(group) {
      mine.delete(own(group))
      rmSync(join(folder, own(group)), { force: true })
    },
  }
}

/** What a mark says, which is then gone; undefined when another process that starts now was faster. */
const taken = (file: string): string | undefined => {
  try {
    const memberId = readFileSync(file, 'utf8')
    rmSync(file, { force: true })
    return memberId
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown
    return undefined
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}
