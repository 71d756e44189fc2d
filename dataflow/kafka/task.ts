import { setTimeout as sleep } from 'node:timers/promises'
import { KalamError, messageOf } from '../error.ts'
import { failpoint } from '../failpoint.ts'
import type { GroupOptions, OutputRecord, Positions, Task } from '../log.ts'
import type { LogEvents } from '../log-events.ts'
import type { Connections } from './connections.ts'
import type { TransactionPlaces } from './end-forgotten.ts'
import type { Fetcher } from './fetcher.ts'
import { type InputReader, openInput } from './input-reader.ts'
import { isTransient, patiently } from './patience.ts'
import { resting } from './resting.ts'
import { startPositions } from './start-positions.ts'
import type { Transactions } from './transactions.ts'
import { unseenCommits } from './unseen-commits.ts'

/** What tasks of a group run with. */
export interface TaskParts {
  fetcher: Fetcher
  connections: Connections
  openTransactions(
    id: string,
    options: { whole: boolean; places: TransactionPlaces; signal: AbortSignal },
  ): Promise<Transactions>
  onEvent: LogEvents | undefined
  /** Resolves when the group has told, anew or lately, that this member is still in it, or when the signal is aborted. */
  confirmed(signal: AbortSignal, options: { anew: boolean }): Promise<void>
}

const restartMs = 100

/**
 * Runs the task of one partition until the signal is aborted or its work has ended. After an error of a transaction,
 * whose outcome only a new producer can tell, the work begins again at the committed positions.
 */
export const runTask = async (
  parts: TaskParts,
  group: GroupOptions,
  partition: number,
  signal: AbortSignal,
): Promise<void> => {
  for (;;) {
    const broken = await runOnce(parts, group, partition, signal)
    if (!broken || signal.aborted) return
    if (broken.thrown instanceof KalamError && !broken.thrown.retryable) throw broken.thrown
    const fenced = isFenced(broken.thrown)
    parts.onEvent?.({
      kind: fenced && !isTooLong(broken.thrown) ? 'fenced' : 'transaction_failed',
      group: group.group,
      partitions: [partition],
      message: messageOf(broken.thrown),
    })
    // A process that slept too long was replaced: if it fenced at once, it would throw the rightful owner out.
    if (!fenced) await sleep(restartMs, undefined, { signal }).catch(() => undefined)
    await parts.confirmed(signal, { anew: fenced })
    if (signal.aborted) return
  }
}

const isFenced = (thrown: unknown): boolean => thrown instanceof KalamError && thrown.details.fenced === true

const isTooLong = (thrown: unknown): boolean => thrown instanceof KalamError && thrown.details.tooLong === true

/** One life of a task, from fencing to its end; resolves with the failed transaction that ended it, if one did. */
const runOnce = async (
  parts: TaskParts,
  group: GroupOptions,
  partition: number,
  signal: AbortSignal,
): Promise<{ thrown: unknown } | undefined> => {
  const { connections, onEvent } = parts
  const id = `${group.group}.${partition}`
  // Without an output of its own it writes, if at all, where others write too.
  const whole = group.output === undefined
  let transactions: Transactions | undefined
  const life = new AbortController()
  const end = () => life.abort()
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) life.abort()
  let opened: OpenTask | undefined
  try {
    // Fenced first: what the one before had under way is ended when the positions are read.
    const open = () => parts.openTransactions(id, { whole, places: placesOf(group, partition), signal })
    transactions = await patiently(`opening producer ${id}`, open, { signal, onEvent, group: group.group })
    const start = await startPositions(connections, group, partition, { signal, onEvent })
    if (signal.aborted) return undefined
    opened = openTask(parts, group, partition, start, transactions, life)
    await group.work(opened.task)
    opened.refuseHopeless()
    return opened.failure()
  } catch (thrown) {
    const failure = opened?.failure()
    if (failure) return failure
    if (signal.aborted && (isTransient(thrown) || thrown === life.signal.reason)) return undefined
    if (!opened && isFenced(thrown)) return { thrown }
    // Work that was broken off may fail in any way: this is why it was.
    opened?.refuseHopeless()
    throw thrown
  } finally {
    signal.removeEventListener('abort', end)
    life.abort()
    await opened?.close()
    await transactions?.close()
  }
}

const placesOf = ({ group, inputs, output, also = [] }: GroupOptions, partition: number): TransactionPlaces => ({
  group: inputs.length > 0 ? group : undefined,
  topics: [...(output === undefined ? [] : [{ topic: output, partition }]), ...also.map((topic) => ({ topic }))],
})

/** Under load a task commits for a quarter of its time then, few large transactions instead of many small ones. */
const pauseShare = 3

interface OpenTask {
  task: Task
  /** The failure of a transaction that ended the task. */
  failure(): { thrown: unknown } | undefined
  /** Throws when an input can not be read on. */
  refuseHopeless(): void
  close(): Promise<void>
}

const openTask = (
  { fetcher, connections }: TaskParts,
  group: GroupOptions,
  partition: number,
  start: Positions,
  transactions: Transactions,
  life: AbortController,
): OpenTask => {
  let failed: { thrown: unknown } | undefined
  let hopeless: { thrown: unknown } | undefined
  let last: Promise<unknown> = Promise.resolve()
  const committed: Positions = { ...start }
  const breakOff = (thrown: unknown) => {
    failed ??= { thrown }
    life.abort()
  }
  const unseen = unseenCommits(connections, group.group, partition)
  const write = async (outputs: OutputRecord[], positions: Positions): Promise<void> => {
    const written = last.then(() => {
      if (failed) throw failed.thrown
      return transactions.commit(outputs, { group: group.group, partition, positions })
    })
    last = written.catch(breakOff)
    unseen.note(outputs, await written, positions)
    Object.assign(committed, positions)
    rest.wake()
  }
  /** Markers behind the last record are no work, but a position before them would look like some. */
  const rest = resting({
    ...{ unseen, failed: breakOff, signal: life.signal },
    idle: () => idlePositions(inputs, committed),
    commit: (positions) => write([], positions),
  })
  const refuseHopeless = () => {
    if (hopeless) throw hopeless.thrown
  }
  const inputs = new Map<string, InputReader>()
  for (const topic of group.inputs) {
    const onError = (thrown: unknown) => {
      hopeless ??= { thrown }
      life.abort()
    }
    const from = start[topic]!
    inputs.set(topic, openInput({ fetcher, topic, partition, from, onFetched: rest.wake, onError }))
  }
  const inputOf = (topic: string) => inputNamed(inputs, group.group, topic)
  const task: Task = {
    partition,
    signal: life.signal,
    start,
    pauseShare,
    async read(topic, maxBytes) {
      const records = await inputOf(topic).read(maxBytes, life.signal)
      refuseHopeless()
      failpoint('after_read')
      return records
    },
    hasMore: (topic) => inputOf(topic).hasMore(),
    async commit(outputs, positions) {
      if (life.signal.aborted) throw new KalamError('internal', `committing in ${group.group}: the task has ended`)
      await refuseUnknown(connections, outputs, life.signal)
      const moved = Object.entries(positions).map(([topic, position]) => [topic, inputOf(topic).behind(position)])
      await write(outputs, Object.fromEntries(moved))
    },
  }
  return {
    task,
    failure: () => failed,
    refuseHopeless,
    async close() {
      rest.close()
      for (const input of inputs.values()) input.close()
      await last
    },
  }
}

const inputNamed = (inputs: Map<string, InputReader>, group: string, topic: string): InputReader => {
  const input = inputs.get(topic)
  if (input) return input
  throw new KalamError('internal', `reading ${topic}: ${group} has no such input`)
}

const idlePositions = (inputs: Map<string, InputReader>, committed: Positions): Positions => {
  const positions: Positions = {}
  for (const [topic, input] of inputs) {
    const position = input.idleAt(committed[topic]!)
    if (position !== undefined) positions[topic] = position
  }
  return positions
}

/** Refuses a commit to partitions that do not exist before anything of it is sent. */
export const refuseUnknown = async (
  connections: Connections,
  outputs: readonly OutputRecord[],
  signal?: AbortSignal,
): Promise<void> => {
  let checked = ''
  for (const { topic, partition } of outputs) {
    if (`${topic}/${partition}` === checked) continue
    const count = await connections.partitionsOf(topic, signal)
    if (count === undefined || partition >= count) {
      throw new KalamError('log_broken', `writing to topic ${topic}: it has no partition ${partition}`)
    }
    checked = `${topic}/${partition}`
  }
}
