/** A metric of a worker: its name, kind and labels for Prometheus, and what it tells. */
export interface MetricInfo {
  name: string
  kind: 'counter' | 'gauge' | 'histogram'
  labels: readonly string[]
  help: string
}

const line = ['stage', 'line', 'generation'] as const
const task = [...line, 'partition'] as const

/** Every metric of kalam, in the order of the docs page; those of the process (`process_…`, `nodejs_…`) come besides. */
export const metricList = {
  info: { name: 'kalam_build_info', kind: 'gauge', labels: ['version'], help: 'Always 1; the version is the label' },
  recordsRead: { name: 'kalam_task_records_read_total', kind: 'counter', labels: task, help: 'Records read' },
  bytesRead: { name: 'kalam_task_read_bytes_total', kind: 'counter', labels: task, help: 'Bytes of their bodies' },
  recordsWritten: {
    name: 'kalam_task_records_written_total',
    kind: 'counter',
    labels: task,
    help: 'Records written in committed transactions',
  },
  bytesWritten: {
    name: 'kalam_task_written_bytes_total',
    kind: 'counter',
    labels: task,
    help: 'Bytes of their bodies',
  },
  commits: { name: 'kalam_task_commits_total', kind: 'counter', labels: task, help: 'Committed transactions' },
  failures: {
    name: 'kalam_task_failures_total',
    kind: 'counter',
    labels: task,
    help: 'Tasks that ended with an error',
  },
  lastProgress: {
    name: 'kalam_task_last_progress_timestamp_seconds',
    kind: 'gauge',
    labels: task,
    help: 'When the task last began, read something or committed, in seconds since 1970',
  },
  windowUnits: {
    name: 'kalam_task_window_units',
    kind: 'gauge',
    labels: task,
    help: 'Records or conversations under way, finished but not committed ones included',
  },
  windowBytes: { name: 'kalam_task_window_bytes', kind: 'gauge', labels: task, help: 'Input bytes that they hold' },
  tasksRunning: { name: 'kalam_tasks_running', kind: 'gauge', labels: line, help: 'Partitions this process works on' },
  commitTime: {
    name: 'kalam_task_commit_seconds',
    kind: 'histogram',
    labels: line,
    help: 'How long a transaction took, from its first record to its commit',
  },
  waitingRecords: {
    name: 'kalam_line_waiting_records',
    kind: 'gauge',
    labels: line,
    help: 'Input records that are not committed yet, over all partitions and workers of the line',
  },
  waitingAge: {
    name: 'kalam_line_waiting_seconds',
    kind: 'gauge',
    labels: line,
    help: 'Time since the conversation of the oldest of them came in; 0 when none waits',
  },
  logEvents: {
    name: 'kalam_log_events_total',
    kind: 'counter',
    labels: ['kind', ...line],
    help: 'What happened to groups: joined, rebalanced, lost_partitions, fenced, transaction_failed, waiting, recovered_position, stalled',
  },
  deadLetters: { name: 'kalam_dead_letters_total', kind: 'counter', labels: [], help: 'Dead letters written' },
  calls: {
    name: 'kalam_translator_calls_total',
    kind: 'counter',
    labels: ['translator', 'outcome'],
    help: 'Calls of a translator’s server that have ended: ok, aborted, or the code of the error',
  },
  retries: {
    name: 'kalam_translator_retries_total',
    kind: 'counter',
    labels: ['translator', 'reason'],
    help: 'Calls made again: refused_answer, or the code of the error',
  },
  waits: {
    name: 'kalam_translator_waits_total',
    kind: 'counter',
    labels: ['translator', 'reason'],
    help: 'Times that a call waited before it was made again',
  },
  callTime: {
    name: 'kalam_translator_call_seconds',
    kind: 'histogram',
    labels: ['translator'],
    help: 'How long a call took',
  },
  inFlight: {
    name: 'kalam_translator_calls_in_flight',
    kind: 'gauge',
    labels: ['translator'],
    help: 'Calls under way',
  },
  slots: {
    name: 'kalam_translator_slots',
    kind: 'gauge',
    labels: ['translator'],
    help: 'Calls that may be under way at once',
  },
  tokens: {
    name: 'kalam_translator_tokens_total',
    kind: 'counter',
    labels: ['translator', 'kind'],
    help: 'Tokens that the server counted, prompt and completion; answers from memory are not in it',
  },
  spent: {
    name: 'kalam_translator_spent_usd_total',
    kind: 'counter',
    labels: ['translator'],
    help: 'What the server charged, in US dollars; 0 where it tells no price',
  },
  rowsLanded: {
    name: 'kalam_warehouse_rows_total',
    kind: 'counter',
    labels: ['table'],
    help: 'Rows written to the warehouse; rows written again count again',
  },
  insertFailures: {
    name: 'kalam_warehouse_failures_total',
    kind: 'counter',
    labels: ['reason'],
    help: 'Inserts that failed, by the code of the error',
  },
  insertTime: {
    name: 'kalam_warehouse_insert_seconds',
    kind: 'histogram',
    labels: [],
    help: 'How long an insert took, its wait for company included',
  },
} as const satisfies Record<string, MetricInfo>
