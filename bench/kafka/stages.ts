import { workStages } from '../../cli/work-stage.ts'
import { benchFolder, pipelineYaml } from '../workspace.ts'
import { type Installation, onKafka } from './installation.ts'
import type { Sizes } from './sizes.ts'
import { stageRun } from './stage-run.ts'

/** Every stage alone, one after the other, with everything that the one before made waiting for it. */
export async function* stages(installation: Installation, { copies }: Sizes): AsyncGenerator<string> {
  const folder = benchFolder(copies)
  try {
    const file = await onKafka(installation, folder.path, pipelineYaml)
    const runs = []
    for (const stage of workStages) runs.push({ stage, ...(await stageRun(file, folder.path, stage)) })
    const total = runs.reduce((sum, { seconds }) => sum + seconds, 0)
    const totalCpu = runs.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
    for (const { stage, records, bytes, seconds, cpuSeconds } of runs) {
      const share = (part: number, all: number) => `${((part / all) * 100).toFixed(0).padStart(2)} %`
      const speed = `${Math.round(records / seconds)} records/s, ${(bytes / 1e6 / seconds).toFixed(1)} MB/s`
      yield `${stage.padEnd(10)} ${seconds.toFixed(2)} s ${share(seconds, total)}, ${cpuSeconds.toFixed(2)} CPU s ${share(cpuSeconds, totalCpu)}: ${records} records, ${speed}`
    }
    yield `sum        ${total.toFixed(2)} s, ${totalCpu.toFixed(2)} CPU s`
  } finally {
    folder.remove()
  }
}
