import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter, dirname } from 'node:path'
import { kalamEnv } from './kalam-node.ts'

/** What a process took, its children included. */
export interface Measured {
  seconds: number
  cpuSeconds: number
  /** Highest RssAnon of the process itself, MiB; 0 where /proc does not tell. */
  rssAnonMiB: number
  out: string
}

const pollMs = 50
const onOneCore = spawnSync('taskset', ['-c', '0', 'true']).status === 0 ? ['taskset', '-c', '0'] : []

/** Whether processes are kept on one core; without taskset they are not. */
export const isPinned = onOneCore.length > 0

/** Runs a command to its end with this Node, on one core unless `cores` is all. Throws when it fails. */
export const measuredProcess = async (
  command: string[],
  cwd: string,
  cores: 'one' | 'all' = 'one',
): Promise<Measured> => {
  const pinned = cores === 'one' ? onOneCore : []
  // The shell's `times` adds up what its ended children took.
  const script = '"$@"; code=$?; times >&3; exit $code'
  const started = performance.now()
  const child = spawn('bash', ['-c', script, 'bash', ...pinned, ...command], {
    cwd,
    env: { ...process.env, ...kalamEnv, CI: '1', PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` },
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  })
  let out = ''
  let times = ''
  child.stdout!.setEncoding('utf8').on('data', (piece) => {
    out += piece
  })
  child.stdio[3]!.on('data', (piece) => {
    times += piece
  })
  let rssAnonMiB = 0
  const timer = setInterval(() => {
    rssAnonMiB = Math.max(rssAnonMiB, rssAnon(firstChild(child.pid!)))
  }, pollMs)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  clearInterval(timer)
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}`)
  return { seconds: (performance.now() - started) / 1000, cpuSeconds: cpuSeconds(times), rssAnonMiB, out }
}

/** Second line of `times`: user and system time of ended children, as 0m1.234s. */
const cpuSeconds = (times: string): number =>
  [...(times.trim().split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  )

const firstChild = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0] ?? ''
  } catch {
    return ''
  }
}

const rssAnon = (pid: string): number => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}
