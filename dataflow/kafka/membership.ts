import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer, ConsumerGroupJoinEvent, Kafka, RetryOptions } from 'kafkajs'
import { type Deferred, deferred } from '../deferred.ts'
import { KalamError } from '../error.ts'
import { failpoint } from '../failpoint.ts'
import type { GroupOptions, Membership } from '../log.ts'
import { coPartitionAssigner } from './co-partition-assigner.ts'
import { noTopic } from './connections.ts'
import type { MemberMarks } from './member-marks.ts'
import { explained, patiently } from './patience.ts'
import { runTask, type TaskParts } from './task.ts'
import { taskSet } from './task-set.ts'

/** What members join with. */
export interface MembershipParts extends Omit<TaskParts, 'confirmed'> {
  kafka: Kafka
  retry: RetryOptions
  marks: MemberMarks
  sessionTimeoutMs: number
}

const leaveMs = 5000

/**
 * Joins a group and runs one task for each partition it gets. The consumer only keeps the membership: it fetches nothing,
 * so its signs of life never wait for a stage's work, and tasks of partitions that stay live on through a rebalance.
 * KalamError log_broken when the group's topics do not fit together.
 */
export const joinGroup = async (parts: MembershipParts, group: GroupOptions): Promise<Membership> => {
  const { marks, connections, onEvent } = parts
  const partitions = await partitionsOf(parts, group)
  await patiently(`joining ${group.group}`, () => marks.leaveForDead(connections, group.group), { onEvent })
  const signs = signsOfMembership()
  let generation = 0
  let failure: { thrown: unknown } | undefined
  const fail = (thrown: unknown) => {
    failure ??= { thrown }
    void leave()
  }
  const done = deferred()
  // The owner awaits `done` later; without this a failure before that would end the process.
  done.promise.catch(() => undefined)
  const tasks = taskSet({
    run: (partition, signal) => runTask({ ...parts, confirmed: signs.next }, group, partition, signal),
    failed: fail,
    allDone: () => void leave(),
  })
  const consumer = consumerOf(parts, group, {
    partitions,
    owned: () => ({ partitions: tasks.held(), generation }),
    joined({ payload }) {
      consumer.pause(group.inputs.map((topic) => ({ topic })))
      if (leaving) return
      if (tasks.held().length > 0) failpoint('during_rebalance')
      const mine = Object.values(payload.memberAssignment)[0] ?? []
      marks.joined(group.group, payload.memberId)
      const kind = tasks.held().length === 0 ? 'joined' : 'rebalanced'
      tasks.assign(mine)
      onEvent?.({ kind, group: group.group, partitions: mine })
      signs.given()
    },
    alive(of) {
      generation = of
      signs.given()
    },
    crashed: (thrown) => fail(explained(thrown, `joining ${group.group}`)),
  })
  let leaving: Promise<void> | undefined
  const leave = (): Promise<void> => {
    leaving ??= (async () => {
      await tasks.stop()
      await Promise.race([consumer.disconnect().catch(() => undefined), sleep(leaveMs, undefined, { ref: false })])
      marks.left(group.group)
      if (failure) done.reject(failure.thrown)
      else done.resolve()
    })()
    return leaving
  }
  await patiently(`joining ${group.group}`, () => consumer.connect(), { onEvent, group: group.group })
  await consumer.subscribe({ topics: group.inputs, fromBeginning: true })
  await consumer.run({ autoCommit: false, eachBatch: async () => undefined })
  return { done: done.promise, stop: leave }
}

const partitionsOf = async ({ connections }: MembershipParts, group: GroupOptions): Promise<number> => {
  const topics = group.output === undefined ? group.inputs : [...group.inputs, group.output]
  const counts = new Set<number>()
  for (const topic of topics) {
    const count = await connections.partitionsOf(topic)
    if (count === undefined) throw noTopic(topic)
    counts.add(count)
  }
  const [partitions = 0, ...others] = counts
  if (others.length === 0) return partitions
  throw new KalamError('log_broken', `joining ${group.group}: its topics have unequal partition counts`)
}

/** Waits for the next sign that the group still counts on this member. */
const signsOfMembership = () => {
  let waiting: Deferred = deferred()
  return {
    given() {
      waiting.resolve()
      waiting = deferred()
    },
    next: async (signal: AbortSignal): Promise<void> => {
      if (signal.aborted) return
      const aborted = deferred()
      const abort = () => aborted.resolve()
      signal.addEventListener('abort', abort, { once: true })
      await Promise.race([waiting.promise, aborted.promise])
      signal.removeEventListener('abort', abort)
    },
  }
}

const consumerOf = (
  { kafka, retry, sessionTimeoutMs }: MembershipParts,
  group: GroupOptions,
  on: {
    partitions: number
    owned(): { partitions: number[]; generation: number }
    joined(event: ConsumerGroupJoinEvent): void
    alive(generation: number): void
    crashed(thrown: unknown): void
  },
): Consumer => {
  const consumer = kafka.consumer({
    groupId: group.group,
    partitionAssigners: [
      coPartitionAssigner({ partitions: on.partitions, single: group.single ?? false, owned: on.owned }),
    ],
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: Math.min(2000, sessionTimeoutMs / 6),
    rebalanceTimeout: Math.max(2 * sessionTimeoutMs, 6000),
    maxWaitTimeInMs: Math.min(250, sessionTimeoutMs / 12),
    metadataMaxAge: 60_000,
    allowAutoTopicCreation: false,
    retry: { ...retry, restartOnFailure: async () => true },
  })
  consumer.on(consumer.events.GROUP_JOIN, on.joined)
  consumer.on(consumer.events.HEARTBEAT, ({ payload }) => on.alive(payload.groupGenerationId))
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) on.crashed(payload.error)
  })
  return consumer
}
