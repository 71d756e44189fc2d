import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'

/** Kills processes and removes a folder when this process is gone, however it ended. */
export interface Watchdog {
  add(pid: number): void
  remove(pid: number): void
  /** Lets go, and removes the folder. */
  end(): Promise<void>
}

// Each line replaces the processes to kill; the end of the lines is the end of whoever wrote them.
const script = `while read -r line; do pids=$line; done
if [ -n "$pids" ]; then kill -9 $pids 2>/dev/null; fi
if [ -n "$1" ]; then rm -rf "$1" 2>/dev/null || { sleep 1; rm -rf "$1"; }; fi`

/** Starts a shell that outlives this process by as long as it takes to clean up. */
export const watchdog = (folder = ''): Watchdog => {
  const pids = new Set<number>()
  const child = spawn('sh', ['-c', script, 'sh', folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const tell = () => child.stdin.write(`${[...pids].join(' ')}\n`)
  child.unref()
  ;(child.stdin as Socket).unref()
  return {
    add(pid) {
      pids.add(pid)
      tell()
    },
    remove(pid) {
      pids.delete(pid)
      tell()
    },
    async end() {
      child.ref()
      child.stdin.end()
      await ended
    },
  }
}
