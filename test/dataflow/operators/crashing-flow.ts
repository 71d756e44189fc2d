import type { LogRecord, OutputRecord, Task } from '../../../dataflow/log.ts'
import { flatMapGroups } from '../../../dataflow/operators/flat-map-groups.ts'
import { mapConcurrent } from '../../../dataflow/operators/map-concurrent.ts'
import { mergeGroups } from '../../../dataflow/operators/merge-groups.ts'
import type { Limits } from '../../../dataflow/operators/run-ordered.ts'
import { sink } from '../../../dataflow/operators/sink.ts'
import { chunk, conversation, foreignRecord, scored } from './placed-records.ts'
import { type RunningStage, type StageBench, stageBench } from './stage-bench.ts'

/** What stands in `messages`: a conversation, one whose last body is damaged, or a foreign record. */
export interface Row {
  kind: 'whole' | 'damaged' | 'foreign'
  /** Whether the concurrent stage leaves it out. */
  inLine: boolean
  /** How many chunks each message gets; none is made one. */
  chunks: number[]
}

/** When a run is disturbed: in its n-th step it throws, or is stopped; then the log may be opened anew. */
export interface Crash {
  step: number
  how: 'throw' | 'stop'
  reopen: boolean
}

/** What came of a flow: every record of every later topic, and what the sink wrote last at each offset. */
export interface Result {
  topics: Record<string, string[]>
  landed: Map<number, string>
}

const limits: Limits = { window: 5, windowBytes: 400, commitRecords: 3, commitMs: 1 }
const laterTopics = ['chunks', 'mapped', 'merged']

/** Runs rows through all operators, disturbed by crashes, to the end. */
export const runFlow = async (rows: Row[], crashes: Crash[]): Promise<Result> => {
  const bench = await stageBench('messages', ...laterTopics)
  for (const outputs of messagesOf(bench, rows)) await bench.append(...outputs)
  const landed = new Map<number, string>()
  for (const crash of [...crashes, undefined]) {
    let steps = 0
    let stop = () => {}
    const step = () => {
      if (++steps !== crash?.step) return
      if (crash.how === 'throw') throw new Error('crash')
      stop()
    }
    const stages = stagesOf(step, landed)
    const members = await Promise.all(
      stages.map((stage) => bench.run({ ...stage, wrap: (task) => crashing(task, step) })),
    )
    const end = new AbortController()
    stop = () => {
      end.abort()
      for (const member of members) void member.stop()
    }
    const through = (async () => {
      for (const [i, stage] of stages.entries()) await bench.caughtUp(members[i]!, stage, end.signal)
    })()
    const failures = members.map((member) => member.done.catch((thrown: unknown) => thrown))
    await through.catch((thrown: unknown) => {
      if (!crash) throw thrown
    })
    await Promise.all(members.map((member) => member.stop()))
    for (const failure of await Promise.all(failures)) {
      // A stop between an operator's look at the signal and its commit happens only here.
      if (failure instanceof Error && !/^crash$|the task has ended$/.test(failure.message)) throw failure
    }
    if (crash?.reopen) await bench.reopen()
  }
  const topics: Record<string, string[]> = {}
  for (const topic of laterTopics) topics[topic] = (await bench.records(topic)).map(textOf)
  await bench.close()
  return { topics, landed }
}

const messagesOf = (bench: StageBench, rows: Row[]): OutputRecord[][] =>
  rows.map(({ kind, inLine, chunks }, n) => {
    if (kind === 'foreign') return [foreignRecord('messages', `foreign ${n}`)]
    const outputs = conversation(
      bench.codec,
      `${inLine ? 'in' : 'out'} ${n}`,
      ...chunks.map((count) => `${count} ${n}`),
    )
    const last = outputs.at(-1)!
    return kind === 'damaged' ? [...outputs.slice(0, -1), { ...last, value: last.value.subarray(0, 7) }] : outputs
  })

/** A task that may crash before and behind each commit. */
const crashing = (task: Task, step: () => void): Task => ({
  ...task,
  async commit(outputs, positions) {
    step()
    await task.commit(outputs, positions)
    step()
  },
})

const stagesOf = (step: () => void, landed: Map<number, string>): RunningStage[] => {
  const messages = { topic: 'messages', name: 'Message' } as const
  const chunks = { topic: 'chunks', name: 'Chunk' } as const
  const mapped = { topic: 'mapped', name: 'Chunk' } as const
  const merged = { topic: 'merged', name: 'Scored' } as const
  return [
    {
      group: 'chunk',
      inputs: ['messages'],
      output: 'chunks',
      work: (context) =>
        flatMapGroups(context, {
          input: messages,
          output: chunks,
          limits,
          each({ records }) {
            step()
            const made = records.flatMap(({ body, index }) =>
              Array.from({ length: Number(body?.content.split(' ')[0] ?? 1) }, (_, i) => chunk(`${index}.${i}`)),
            )
            return made.length > 0 ? made : [chunk('')]
          },
        }),
    },
    {
      group: 'map',
      inputs: ['chunks'],
      output: 'mapped',
      work: (context) =>
        mapConcurrent(context, {
          input: chunks,
          output: mapped,
          limits,
          async each({ id, index, offset, body }) {
            step()
            for (let turn = (offset * 7) % 5; turn > 0; turn--) await new Promise(setImmediate)
            step()
            if (id.startsWith('in')) return { body: chunk(`${body!.text}!`) }
            return index === 0 ? { body: chunk('none'), count: 1 } : undefined
          },
        }),
    },
    {
      group: 'merge',
      inputs: ['messages', 'mapped'],
      output: 'merged',
      work: (context) =>
        mergeGroups(context, {
          inputs: [messages, mapped],
          output: merged,
          limits,
          async each([from, to], id) {
            step()
            await new Promise(setImmediate)
            const texts = [from, to].map((group) => group?.records.map(({ body }) => JSON.stringify(body)).join())
            return from!.records.map(({ index }) => scored(`${id} ${index} ${texts}`))
          },
        }),
    },
    {
      group: 'land',
      inputs: ['merged'],
      work: (context) =>
        sink(context, {
          input: merged,
          prepare: (records) => records,
          async write(batches) {
            step()
            for (const { offset, id, body } of batches.flat()) landed.set(offset, `${id} ${body!.target}`)
            step()
          },
        }),
    },
  ]
}

const textOf = ({ offset, key, value, headers, timestamp }: LogRecord): string =>
  JSON.stringify([offset, key, headers, timestamp, Buffer.from(value).toString('base64')])
