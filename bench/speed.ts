import { fileURLToPath } from 'node:url'
import type { BareResult } from './bare-functions.ts'
import { isPinned, measuredProcess } from './measured-process.ts'
import { benchFolder } from './workspace.ts'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const copies = 10

/**
 * The whole embedded run (`kalam run`: log with fsync, warehouse, export, report) beside the bare functions in a loop over
 * the same data, both on one core.
 */
export const speed = async (): Promise<string[]> => {
  const folder = benchFolder(copies)
  try {
    const bareRun = await measuredProcess(
      ['--import', import.meta.resolve('tsx'), path('./bare-main.ts'), folder.path],
      folder.path,
    )
    const whole = await measuredProcess([path('../bin/kalam.js'), 'run'], folder.path)
    const bare = JSON.parse(bareRun.out) as BareResult
    const perSecond = (seconds: number) => `${Math.round(bare.tokens / seconds).toLocaleString('en')} winner tokens/s`
    return [
      `data                ${bare.conversations} conversations, ${bare.tokens.toLocaleString('en')} winner tokens, 2 candidates${isPinned ? '' : ' (not pinned: no taskset)'}`,
      `bare functions      ${bare.seconds.toFixed(1)} s, ${perSecond(bare.seconds)}`,
      `whole run           ${whole.seconds.toFixed(1)} s, ${perSecond(whole.seconds)}, ${whole.cpuSeconds.toFixed(1)} CPU s`,
      `whole / bare speed  ${(bare.seconds / whole.seconds).toFixed(2)} by the clock, ${(bareRun.cpuSeconds / whole.cpuSeconds).toFixed(2)} by CPU time (start-up included in both)`,
    ]
  } finally {
    folder.remove()
  }
}
