import { setTimeout as sleep } from 'node:timers/promises'
import { landControl } from '../../cli/land-control.ts'
import type { Workspace } from '../../cli/workspace.ts'
import { foreignRecords } from '../../services/foreign-records.ts'
import { openWarehouse } from '../../services/land/open-warehouse.ts'
import { type RowText, rowText } from '../../services/land/row-text.ts'
import type { Warehouse } from '../../services/land/warehouse.ts'
import { stageLines } from '../../services/stage-lines.ts'
import { workFolder } from '../system/kalam.ts'

/** Tables that the end of a run and of an export write, whatever has landed. */
const ofTheRun = ['runs', 'selection']

/** Fills an empty warehouse from the topics of a run, with reads of so many bytes: other batches than the run had. */
export const landedAgain = async (
  run: Workspace,
  readBytes: number,
): Promise<{ warehouse: Warehouse; batches: number; close(): Promise<void> }> => {
  const { base, log, codec, topics, feed, translators, config, control } = run
  const folder = workFolder()
  const warehouse = await openWarehouse(config, folder.path, {})
  warehouse.hurry()
  let batches = 0
  const counted = {
    ...warehouse,
    insert(table: string, rows: RowText) {
      batches++
      return warehouse.insert(table, rows)
    },
  }
  const foreign = foreignRecords({ codec, deadLetters: topics.deadLetters, uuid: feed.state.uuid })
  const { flow, current } = stageLines({
    ...{ base, log, codec, foreign, config: () => config, control: () => control },
    warehouse: counted,
    translator: (generation) => translators.built(config, generation),
  })
  const lines = current().lines.filter(({ stage }) => stage === 'land')
  flow.limits.readBytes = readBytes
  await landControl({ ...run, control, warehouse: counted }, new AbortController().signal)
  const members = await Promise.all(lines.map(({ group, inputs, work }) => log.join({ group, inputs, work })))
  const failed = Promise.race(members.map((member) => member.done.then(() => new Promise<never>(() => undefined))))
  for (const { group, inputs } of lines) {
    const [topic = ''] = inputs
    const isThrough = async () => {
      const positions = await log.committed(group, topic)
      return (await log.ends(topic)).every((end, partition) => (positions[partition] ?? 0) >= end)
    }
    while (!(await isThrough())) await Promise.race([failed, sleep(20)])
  }
  await Promise.all(members.map((member) => member.stop()))
  for (const table of ofTheRun)
    await warehouse.insert(table, rowText(await run.warehouse.query(`SELECT * FROM ${table}`)))
  return {
    ...{ warehouse, batches },
    async close() {
      await warehouse.close()
      folder.remove()
    },
  }
}
