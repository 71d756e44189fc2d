import { setTimeout } from 'node:timers/promises'
import { compiledMain } from '../compiled-main.ts'
import { kalamNode } from '../kalam-node.ts'
import { measuredProcess } from '../measured-process.ts'

/** What a stage read and took for it, from its first partition to its last commit. */
export interface StageRun {
  /** Input records; of ingest, rows. */
  records: number
  bytes: number
  seconds: number
  cpuSeconds: number
}

/** Lets a stage work off its backlog in a process of its own. */
export const stageRun = async (
  file: string,
  folder: string,
  stage: string,
): Promise<StageRun & { rssAnonMiB: number }> => {
  const { out, rssAnonMiB } = await measuredProcess(
    [...kalamNode, await compiledMain('kafka', 'stage-main'), file, stage],
    folder,
    'all',
  )
  return { ...(JSON.parse(out) as StageRun), rssAnonMiB }
}

/** Waits. */
export const sleep = (ms: number): Promise<void> => setTimeout(ms)
