const line = ['stage', 'line', 'generation']
const task = [...line, 'partition']

/** Metrics and their labels, until services/observe/metric-list.ts is there. */
export const localMetricNames = new Map<string, readonly string[]>([
  ['kalam_build_info', ['version']],
  ['kalam_task_records_read_total', task],
  ['kalam_task_read_bytes_total', task],
  ['kalam_task_records_written_total', task],
  ['kalam_task_written_bytes_total', task],
  ['kalam_task_commits_total', task],
  ['kalam_task_failures_total', task],
  ['kalam_task_last_progress_timestamp_seconds', task],
  ['kalam_task_window_units', task],
  ['kalam_task_window_bytes', task],
  ['kalam_tasks_running', line],
  ['kalam_task_commit_seconds', line],
  ['kalam_line_waiting_records', line],
  ['kalam_line_waiting_seconds', line],
  ['kalam_log_events_total', ['kind', ...line]],
  ['kalam_dead_letters_total', []],
  ['kalam_translator_calls_total', ['translator', 'outcome']],
  ['kalam_translator_retries_total', ['translator', 'reason']],
  ['kalam_translator_waits_total', ['translator', 'reason']],
  ['kalam_translator_call_seconds', ['translator']],
  ['kalam_translator_calls_in_flight', ['translator']],
  ['kalam_translator_slots', ['translator']],
  ['kalam_translator_tokens_total', ['translator', 'kind']],
  ['kalam_translator_spent_usd_total', ['translator']],
  ['kalam_warehouse_rows_total', ['table']],
  ['kalam_warehouse_failures_total', ['reason']],
  ['kalam_warehouse_insert_seconds', []],
])
