import { fileURLToPath } from 'node:url'
import { measuredProcess } from './measured-process.ts'
import { benchFolder } from './workspace.ts'

const kalam = fileURLToPath(new URL('../bin/kalam.js', import.meta.url))

/** The peak of a short run, which its last collection decides, is taken in the middle of so many. */
const shortRuns = 3

const peakOver = async (copies: number): Promise<number> => {
  const folder = benchFolder(copies)
  try {
    return (await measuredProcess([kalam, 'run'], folder.path, 'all')).rssAnonMiB
  } finally {
    folder.remove()
  }
}

/** The highest RssAnon of a run over 10 times the input beside that over the input. */
export const memory = async (): Promise<string[]> => {
  const peaks: number[] = []
  for (let run = 0; run < shortRuns; run++) peaks.push(await peakOver(5))
  const sorted = [...peaks].sort((a, b) => a - b)
  const once = sorted[Math.floor(shortRuns / 2)]!
  const tenTimes = await peakOver(50)
  return [
    `RssAnon once        ${once.toFixed(0)} MiB (${peaks.map((peak) => peak.toFixed(0)).join(', ')})`,
    `RssAnon 10 times    ${tenTimes.toFixed(0)} MiB`,
    `10 times / once     ${(tenTimes / once).toFixed(2)}`,
  ]
}
