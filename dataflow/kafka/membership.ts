import { setTimeout as sleep } from 'node:timers/promises'
import type { ConsumerGroupJoinEvent, Kafka, RetryOptions } from 'kafkajs'
import { deferred } from '../deferred.ts'
import { KalamError } from '../error.ts'
import { failpoint } from '../failpoint.ts'
import { groupPartitions } from '../group-partitions.ts'
import type { GroupOptions, Membership } from '../log.ts'
import { coPartitionAssigner } from './co-partition-assigner.ts'
import { noTopic } from './connections.ts'
import type { MemberMarks } from './member-marks.ts'
import { membershipSigns } from './membership-signs.ts'
import { causeOf, explained, patiently } from './patience.ts'
import { runTask, type TaskParts } from './task.ts'
import { taskSet } from './task-set.ts'

/** What members join with. */
export interface MembershipParts extends Omit<TaskParts, 'confirmed'> {
  kafka: Kafka
  retry: RetryOptions
  marks: MemberMarks
  sessionTimeoutMs: number
  /** Aborted when the log is closed. */
  closing: AbortSignal
}

const leaveMs = 5000

/**
 * Joins a group and runs one task for each partition it gets. The consumer only keeps the membership: it fetches nothing,
 * so its signs of life never wait for a stage's work, and tasks of partitions that stay live on through a rebalance.
 * KalamError log_broken when the group's topics do not fit together.
 */
export const joinGroup = async (parts: MembershipParts, group: GroupOptions): Promise<Membership> => {
  const { marks, connections, onEvent, closing } = parts
  const partitions = await partitionsOf(parts, group)
  await patiently(`joining ${group.group}`, () => marks.leaveForDead(connections, group.group), { onEvent })
  const signs = membershipSigns({ group: group.group, sessionTimeoutMs: parts.sessionTimeoutMs, onEvent })
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
    run: (partition, signal) => runTask({ ...parts, confirmed: signs.told }, group, partition, signal),
    failed: fail,
    allDone: () => void leave(),
  })
  const member = memberOf(parts, group, {
    partitions,
    isLeaving: () => leaving !== undefined,
    owned: () => ({ partitions: tasks.held(), generation }),
    joined({ payload }) {
      if (leaving) return
      if (tasks.held().length > 0) failpoint('during_rebalance')
      // Who assigns may be of a release that takes all partitions of the topics.
      const mine = (Object.values(payload.memberAssignment)[0] ?? []).filter((partition) => partition < partitions)
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
    crashed: (thrown) => fail(refusal(thrown, group.group, parts.sessionTimeoutMs)),
  })
  let leaving: Promise<void> | undefined
  const leave = (): Promise<void> => {
    leaving ??= (async () => {
      await tasks.stop()
      // Later, where a broker is away or the group is not ready for it; until then the mark tells that it is still in.
      const left = member.disconnect().then(() => marks.left(group.group))
      await Promise.race([left, sleep(leaveMs, undefined, { ref: false })])
      if (failure) done.reject(failure.thrown)
      else done.resolve()
    })()
    return leaving
  }
  await patiently(`joining ${group.group}`, () => member.connect(), { onEvent, group: group.group })
  const close = () => void leave()
  closing.addEventListener('abort', close, { once: true })
  await member.run(closing).catch((thrown) => {
    if (!leaving) fail(thrown)
  })
  closing.removeEventListener('abort', close)
  if (closing.aborted) await leave()
  return { done: done.promise, stop: leave }
}

const partitionsOf = async ({ connections }: MembershipParts, group: GroupOptions): Promise<number> => {
  const topics = group.output === undefined ? group.inputs : [...group.inputs, group.output]
  const counts = new Map<string, number>()
  for (const topic of topics) {
    const count = await connections.partitionsOf(topic)
    if (count === undefined) throw noTopic(topic)
    counts.set(topic, count)
  }
  return groupPartitions(group, counts)
}

/** Why a group does not take this member. */
const refusal = (cause: unknown, group: string, sessionTimeoutMs: number): unknown => {
  const doing = `joining ${group}`
  if (causeOf(cause).type !== 'INVALID_SESSION_TIMEOUT') return explained(cause, doing)
  const message = `${doing}: the brokers refuse sessions of ${sessionTimeoutMs / 1000} s`
  const hint =
    "Set log.kafka.session_timeout_s in pipeline.yaml to between the brokers' group.min.session.timeout.ms and group.max.session.timeout.ms."
  return new KalamError('config_invalid', message, { hint, cause })
}

/** The consumer of a member: it takes part in the group and reads nothing. */
const memberOf = (
  { kafka, retry, sessionTimeoutMs }: MembershipParts,
  group: GroupOptions,
  on: {
    partitions: number
    isLeaving(): boolean
    owned(): { partitions: number[]; generation: number }
    joined(event: ConsumerGroupJoinEvent): void
    alive(generation: number): void
    crashed(thrown: unknown): void
  },
): { connect(): Promise<void>; run(closing: AbortSignal): Promise<void>; disconnect(): Promise<void> } => {
  const consumer = kafka.consumer({
    groupId: group.group,
    partitionAssigners: [
      coPartitionAssigner({ partitions: on.partitions, single: group.single ?? false, owned: on.owned }),
    ],
    sessionTimeout: sessionTimeoutMs,
    // Until its next one a member does not hear that another came back.
    heartbeatInterval: Math.min(1000, sessionTimeoutMs / 6),
    rebalanceTimeout: Math.max(2 * sessionTimeoutMs, 6000),
    maxWaitTimeInMs: Math.min(250, sessionTimeoutMs / 12),
    metadataMaxAge: 60_000,
    allowAutoTopicCreation: false,
    retry: { ...retry, restartOnFailure: async () => !on.isLeaving() },
  })
  consumer.on(consumer.events.GROUP_JOIN, (event) => {
    consumer.pause(group.inputs.map((topic) => ({ topic })))
    on.joined(event)
  })
  consumer.on(consumer.events.HEARTBEAT, ({ payload }) => on.alive(payload.groupGenerationId))
  // kafkajs forgets a consumer that is told to leave while it joins, and joins all the same: it has to be in, or given up.
  let joining = deferred()
  consumer.on(consumer.events.FETCH_START, () => joining.resolve())
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (payload.restart) joining = deferred()
    else joining.resolve()
    if (!payload.restart && !on.isLeaving()) on.crashed(payload.error)
  })
  return {
    connect: () => consumer.connect(),
    async run(closing) {
      try {
        await consumer.subscribe({ topics: group.inputs, fromBeginning: true })
        if (closing.aborted) joining.resolve()
        else await consumer.run({ autoCommit: false, eachBatch: async () => undefined })
      } catch (thrown) {
        joining.resolve()
        throw thrown
      }
    },
    disconnect: () => joining.promise.then(() => consumer.disconnect()).catch(() => undefined),
  }
}
