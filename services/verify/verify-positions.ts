import type { Log } from '../../dataflow/log.ts'
import type { StageLine } from '../flow.ts'
import { type Check, type OpenCheck, openCheck } from './check.ts'

/** Checks where lines stand: every committed position, and the positions that outputs say they were made up to. */
export const verifyPositions = async (log: Log, stages: StageLine[]): Promise<Check[]> => {
  const within = openCheck('committed positions lie within their topics')
  const rising = openCheck('positions in headers rise and lie before the committed ones')
  for (const stage of stages) {
    for (const topic of stage.inputs) {
      const committed = await log.committed(stage.group, topic)
      const ends = await log.ends(topic)
      for (const [partition, position] of committed.entries()) {
        const end = ends[partition] ?? 0
        within.expect(
          position === undefined || (position >= 0 && position <= end),
          () => `${stage.group}: ${topic}, partition ${partition}: at ${position}, the topic ends at ${end}`,
        )
      }
    }
    if (stage.output === undefined) continue
    for (const partition of (await log.ends(stage.output)).keys())
      await checkHeaders(log, { ...stage, output: stage.output, partition }, rising)
  }
  return [within.result, rising.result]
}

type Output = Pick<StageLine, 'group' | 'inputs'> & { output: string; partition: number }

const checkHeaders = async (log: Log, { group, inputs, output, partition }: Output, check: OpenCheck) => {
  const highest = inputs.map(() => 0)
  for await (const records of log.scan(output, partition, 0)) {
    for (const { offset, headers } of records) {
      const where = (what: string) => () => `${output}, partition ${partition}, offset ${offset}: ${what}`
      const positions = positionsOf(headers.position, inputs.length)
      if (!positions) {
        check.expect(false, where(`its position is ${JSON.stringify(headers.position ?? '')}`))
        continue
      }
      check.expect(
        positions.every((position, i) => position >= highest[i]!),
        where(`position ${positions} behind ${highest}`),
      )
      for (const [i, position] of positions.entries()) highest[i] = Math.max(highest[i]!, position)
    }
  }
  // Both move in one commit, so what is read now is not behind what was written before. A lost position is found again by itself.
  for (const [i, topic] of inputs.entries()) {
    const end = (await log.ends(topic))[partition] ?? 0
    const position = (await log.committed(group, topic))[partition] ?? end
    check.expect(
      highest[i]! <= Math.min(position, end),
      () =>
        `${output}, partition ${partition}: made of ${topic} up to ${highest[i]}, ${group} is at ${position} of ${end}`,
    )
  }
}

/** One position per input; undefined where the header is no such list. */
const positionsOf = (header: string | undefined, inputs: number): number[] | undefined => {
  const texts = header?.split(',') ?? []
  return texts.length === inputs && texts.every((text) => /^\d{1,15}$/.test(text)) ? texts.map(Number) : undefined
}
