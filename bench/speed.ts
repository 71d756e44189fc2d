import { fileURLToPath } from 'node:url'
import type { BareResult } from './bare-functions.ts'
import { compiledMain } from './compiled-main.ts'
import { isPinned, measuredProcess } from './measured-process.ts'
import { benchFolder } from './workspace.ts'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const copies = 20

/**
 * The whole embedded run (`kalam run`: log with fsync, warehouse, export, report) beside the bare functions in a loop over
 * the same data, both on one core.
 */
export const speed = async (): Promise<string[]> => {
  const folder = benchFolder(copies)
  try {
    const bareMain = await compiledMain('.', 'bare-main')
    const bareRun = async () =>
      JSON.parse((await measuredProcess([process.execPath, bareMain, folder.path], folder.path)).out) as BareResult
    // Before and after: a machine that others use too is not as fast all the time.
    const before = await bareRun()
    const whole = await measuredProcess([path('../bin/kalam.js'), 'run'], folder.path)
    const after = await bareRun()
    const mean = (of: (run: BareResult) => number) => (of(before) + of(after)) / 2
    const bare = { ...before, seconds: mean((run) => run.seconds), rowSeconds: mean((run) => run.rowSeconds) }
    const perSecond = (seconds: number) => `${Math.round(bare.tokens / seconds).toLocaleString('en')} winner tokens/s`
    const stageSeconds = bare.seconds - bare.rowSeconds
    const ratio = (seconds: number) => (seconds / whole.seconds).toFixed(2)
    return [
      `data                ${bare.conversations} conversations, ${bare.tokens.toLocaleString('en')} winner tokens, 2 candidates${isPinned ? '' : ' (not pinned: no taskset)'}`,
      `bare functions      ${bare.seconds.toFixed(1)} s (${before.seconds.toFixed(1)} before, ${after.seconds.toFixed(1)} after), ${perSecond(bare.seconds)}; of them ${bare.rowSeconds.toFixed(1)} s for rows of tables and dataset`,
      `whole run           ${whole.seconds.toFixed(1)} s, ${perSecond(whole.seconds)}, ${whole.cpuSeconds.toFixed(1)} CPU s, from start to exit`,
      `whole / bare speed  ${ratio(bare.seconds)} of all functions, ${ratio(stageSeconds)} of ingest, chunk, translate, score and rank alone`,
    ]
  } finally {
    folder.remove()
  }
}
