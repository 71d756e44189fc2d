import { readFileSync } from 'node:fs'

/** What a process took for some work. */
export interface Usage {
  seconds: number
  /** All threads of the process, no children. */
  cpuSeconds: number
  /** Highest RssAnon meanwhile, MiB; 0 where /proc does not tell. */
  rssAnonMiB: number
}

const pollMs = 50

/** Runs work in this process and tells what it took. */
export const ownUsage = async (work: () => Promise<unknown>): Promise<Usage> => {
  let rssAnonMiB = 0
  const timer = setInterval(() => {
    rssAnonMiB = Math.max(rssAnonMiB, rssAnon())
  }, pollMs)
  const started = performance.now()
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  const seconds = (performance.now() - started) / 1000
  clearInterval(timer)
  return { seconds, cpuSeconds: (user + system) / 1e6, rssAnonMiB }
}

const rssAnon = (): number => {
  try {
    return Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}
