import type { GroupOptions, Task } from '../../../dataflow/log.ts'

/** A group that copies a topic to another one, record by record, in small commits. */
export const copying = (group: string, input: string, output: string, single = false): GroupOptions => ({
  ...{ group, inputs: [input], output, single },
  async work(task: Task) {
    for (;;) {
      const records = await task.read(input, 500)
      const last = records.at(-1)
      if (!last) return
      const position = last.offset + 1
      const headers = { position: String(position) }
      const place = { topic: output, partition: task.partition, headers }
      const copies = records.map(({ key, value, timestamp }) => ({ ...place, key, value, timestamp }))
      await task.commit(copies, { [input]: position })
    }
  },
})
