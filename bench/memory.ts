import { fileURLToPath } from 'node:url'
import { measuredProcess } from './measured-process.ts'
import { benchFolder } from './workspace.ts'

const kalam = fileURLToPath(new URL('../bin/kalam.js', import.meta.url))

/** The highest RssAnon of a run over 10 times the input beside that over the input. */
export const memory = async (): Promise<string[]> => {
  const peaks: number[] = []
  for (const copies of [5, 50]) {
    const folder = benchFolder(copies)
    try {
      peaks.push((await measuredProcess([kalam, 'run'], folder.path, 'all')).rssAnonMiB)
    } finally {
      folder.remove()
    }
  }
  const [once = 0, tenTimes = 0] = peaks
  return [
    `RssAnon once        ${once.toFixed(0)} MiB`,
    `RssAnon 10 times    ${tenTimes.toFixed(0)} MiB`,
    `10 times / once     ${(tenTimes / once).toFixed(2)}`,
  ]
}
