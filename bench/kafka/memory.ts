import { workStages } from '../../cli/work-stage.ts'
import { benchFolder, pipelineYaml } from '../workspace.ts'
import { type Installation, onKafka } from './installation.ts'
import type { Sizes } from './sizes.ts'
import { stageRun } from './stage-run.ts'

/** The highest RssAnon of every worker over ten times the input beside that over the input. */
export async function* memory(installation: Installation, { memoryCopies }: Sizes): AsyncGenerator<string> {
  const once = await peaks(installation, memoryCopies)
  const tenTimes = await peaks(installation, memoryCopies * 10)
  for (const [stage, peak] of tenTimes) {
    const before = once.get(stage) ?? Number.NaN
    yield `${stage.padEnd(10)} ${before.toFixed(0)} MiB, over 10 times the input ${peak.toFixed(0)} MiB: ${(peak / before).toFixed(2)} (aim 1.2)`
  }
}

const peaks = async (installation: Installation, copies: number): Promise<Map<string, number>> => {
  const folder = benchFolder(copies)
  const found = new Map<string, number>()
  try {
    const file = await onKafka(installation, folder.path, pipelineYaml)
    for (const stage of workStages) found.set(stage, (await stageRun(file, folder.path, stage)).rssAnonMiB)
  } finally {
    folder.remove()
  }
  return found
}
