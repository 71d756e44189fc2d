/** What can happen to a member of a group, or to a writer, besides its work. */
export type LogEventKind =
  /** It is in the group and has these partitions. */
  | 'joined'
  /** The group shared its partitions anew; it has these now. */
  | 'rebalanced'
  /** These partitions were taken from it without notice; what was under way there is done again by their new owners. */
  | 'lost_partitions'
  /** Another producer has its transactional id now: a newer owner of the partition, or a second worker by mistake. */
  | 'fenced'
  /** A transaction was aborted and is tried again. */
  | 'transaction_failed'
  /** Nothing goes on for a known reason, as a broker that is away. Repeated at least every minute while it lasts. */
  | 'waiting'
  /** A committed position was gone; the task goes on behind its last output. */
  | 'recovered_position'
  /** The adapter itself has seen that nothing comes any more, without a reason. */
  | 'stalled'

/** Something that happened on a log, for log lines, metrics and the watchdog. */
export interface LogEvent {
  kind: LogEventKind
  /** Group or writer id; '' when it is about all of them. */
  group: string
  /** With joined and rebalanced the partitions it has now, else those concerned. */
  partitions?: number[]
  /** Why, as a stable code in snake_case. */
  reason?: string
  /** What was being done, colon, the fact with its value. */
  message?: string
  /** How long a wait is expected to last, in milliseconds. */
  waitMs?: number
}

/** Told of every event of a log; it may not throw and takes no time. */
export type LogEvents = (event: LogEvent) => void
