import { resolve } from 'node:path'
import { compareRuns, isEqual, type TopicComparison } from '../../services/verify/compare-runs.ts'
import { thousands } from '../display/cells.ts'
import type { Io } from '../io.ts'
import { openCompared } from '../open-compared.ts'
import type { OpenedPipeline } from '../workspace.ts'

/** `kalam verify --compare`: tells where the records of two runs differ; exit code 1 when they do anywhere. */
export const verifyCompare = async (opened: OpenedPipeline, file: string, io: Io): Promise<number> => {
  const there = await openCompared(resolve(io.cwd, file), opened, io.env)
  try {
    io.out(`here   ${opened.config.pipeline}\nthere  ${there.config.pipeline}, ${file}\n\n`)
    let equal = true
    for await (const topic of compareRuns(opened, there)) {
      io.out(topicText(topic))
      equal &&= isEqual(topic)
    }
    if (!equal) io.out('\nWhat one of them lacks may be on its way there: kalam status tells.\n')
    return equal ? 0 : 1
  } finally {
    await there.close()
  }
}

const topicText = (topic: TopicComparison): string => {
  const { title, missing, all, changed, onlyHere, onlyThere, differences } = topic
  const head = `${isEqual(topic) ? 'equal ' : 'DIFFER'}  ${title}`
  if (missing) return `${head}: there is no such line ${missing}\n`
  const counts = [
    `${thousands(all)} compared`,
    ...(changed > 0 ? [`${thousands(changed)} differ`] : []),
    ...(onlyHere > 0 ? [`${thousands(onlyHere)} only here`] : []),
    ...(onlyThere > 0 ? [`${thousands(onlyThere)} only there`] : []),
  ]
  const lines = differences.map(({ id, only, difference }) => {
    if (only || !difference) return `          ${id}: only ${only ?? 'by its number of records'}\n`
    const { field, here = 'nothing', there = 'nothing' } = difference
    return `          ${id}, ${field}\n            here   ${here}\n            there  ${there}\n`
  })
  return `${head} (${counts.join(', ')})\n${lines.join('')}`
}
