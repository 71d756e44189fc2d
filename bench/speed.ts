import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BareResult } from './bare-functions.ts'
import { compiledMain } from './compiled-main.ts'
import { isPinned, type Measured, measuredProcess } from './measured-process.ts'
import { benchFolder } from './workspace.ts'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const copies = 20
const rounds = 3

/** The run that took the middle time. */
const middle = <Run extends { seconds: number }>(runs: Run[]): Run =>
  [...runs].sort((a, b) => a.seconds - b.seconds)[Math.floor(runs.length / 2)]!
const all = (runs: { seconds: number }[]): string => runs.map(({ seconds }) => seconds.toFixed(1)).join(', ')

/**
 * The whole embedded run (`kalam run`: log with fsync, warehouse, export, report) beside the bare functions in a loop over
 * the same data, both as processes on one core, from start to exit.
 */
export const speed = async (): Promise<string[]> => {
  const folder = benchFolder(copies)
  try {
    const bareMain = await compiledMain('.', 'bare-main')
    const bareRun = async () => {
      const { out, seconds } = await measuredProcess([process.execPath, bareMain, folder.path], folder.path)
      return { ...(JSON.parse(out) as BareResult), seconds }
    }
    // In turn: a machine that others use too is not as fast all the time.
    const bares: (BareResult & { seconds: number })[] = []
    const wholes: Measured[] = []
    for (let round = 0; round < rounds; round++) {
      bares.push(await bareRun())
      wholes.push(await measuredProcess([path('../bin/kalam.js'), 'run'], folder.path))
      // Away, not deleted: for minutes ext4 looks every deleted file up where a run makes a new one.
      for (const made of ['.kalam', 'out']) renameSync(join(folder.path, made), join(folder.path, `${made}-${round}`))
    }
    const bare = middle(bares)
    const whole = middle(wholes)
    const perSecond = (seconds: number) => `${Math.round(bare.tokens / seconds).toLocaleString('en')} winner tokens/s`
    const stageSeconds = bare.seconds - bare.rowSeconds
    const ratio = (seconds: number) => (seconds / whole.seconds).toFixed(2)
    return [
      `data                ${bare.conversations} conversations, ${bare.tokens.toLocaleString('en')} winner tokens, 2 candidates${isPinned ? '' : ' (not pinned: no taskset)'}`,
      `bare functions      ${bare.seconds.toFixed(1)} s (${all(bares)}), ${perSecond(bare.seconds)}, from start to exit; ${bare.loopSeconds.toFixed(1)} s in the loop, ${bare.rowSeconds.toFixed(1)} s of it for rows of tables and dataset`,
      `whole run           ${whole.seconds.toFixed(1)} s (${all(wholes)}), ${perSecond(whole.seconds)}, ${whole.cpuSeconds.toFixed(1)} CPU s, from start to exit`,
      `whole / bare speed  ${ratio(bare.seconds)} of all functions, ${ratio(stageSeconds)} of ingest, chunk, translate, score and rank alone`,
    ]
  } finally {
    folder.remove()
  }
}
