import { type MetricInfo, metricList } from '../services/observe/metric-list.ts'

/** `docs/metrics.md`: what a worker shows of itself over HTTP, every metric from the list that makes them. */
export const metricsPage = (): string => `<!-- Made by npm run generate from services/observe/metric-list.ts. -->
# Health and metrics of a worker

\`kalam work <stage> --http <port>\` (or \`KALAM_HTTP_PORT\`) serves three pages. It listens on 127.0.0.1 unless \`KALAM_HTTP_HOST\` says otherwise; in a
container that is \`0.0.0.0\`. There are no passwords on them and no texts of conversations in them.

| page | 200 | 503 |
|---|---|---|
| \`/healthz\` | the process answers, and no task is stuck | a task is stuck: the process is about to end and is to be started anew |
| \`/readyz\` | the log answers, and the worker is a member of all its groups, with or without a partition | \`reason\` is \`starting\`, \`log_unreachable\`, \`not_joined\` (with \`missing\`) or \`stopping\` |
| \`/metrics\` | all metrics in Prometheus' text format | never |

A task is **stuck** when it has work but has neither read nor committed anything for \`--stall-seconds\` (300), and no wait with a known reason was on in that
time: a call of a translator within its time-out, a translator's server or a warehouse that is away, what the log's adapter reports as \`waiting\`. The worker
then logs which task it was and ends with exit code 1.

## Labels

| label | meaning |
|---|---|
| \`stage\`, \`line\`, \`generation\` | as in the name of the group; of ingest, the line is the source and there is no generation; of land, the line is the topic, as \`scored.gemma3\` |
| \`partition\` | the task, 0 for ingest; empty for a writer outside groups |
| \`translator\` | a translator of pipeline.yaml; its samples count as one |

Counters begin at 0 with the process. What is waiting is read from the log at most every 5 s, over all partitions of the lines this worker works on, so
every worker of a line tells the same: take \`max by (stage, line, generation)\`, not the sum.

## Metrics

${metricTable(Object.values(metricList))}

Besides these there are the usual \`process_…\` and \`nodejs_…\` ones: CPU, memory, the event loop's lag, open files.

## Questions and how to ask them

| question | PromQL |
|---|---|
| How fast is each line? | \`sum by (stage, line) (rate(kalam_task_records_written_total[5m]))\` |
| How far behind is it, in records and in time? | \`max by (stage, line) (kalam_line_waiting_records)\`, \`max by (stage, line) (kalam_line_waiting_seconds)\` |
| When is it through, at this pace? | \`max by (stage, line) (kalam_line_waiting_records) / sum by (stage, line) (rate(kalam_task_records_read_total[15m]))\` |
| Does somebody have work and not go on? | \`time() - kalam_task_last_progress_timestamp_seconds > 120 and on (stage, line) kalam_line_waiting_records > 0\` |
| What is spent an hour? | \`sum by (translator) (rate(kalam_translator_spent_usd_total[1h])) * 3600\` |
| How many calls fail? | \`sum by (translator, outcome) (rate(kalam_translator_calls_total{outcome!="ok"}[5m]))\` |
| Are there enough slots? | \`sum by (translator) (kalam_translator_calls_in_flight) / sum by (translator) (kalam_translator_slots)\` |
| Are groups restless? | \`sum by (stage, line) (increase(kalam_log_events_total{kind=~"rebalanced\\|lost_partitions\\|fenced"}[10m]))\` |
| How slow are commits? | \`histogram_quantile(0.99, sum by (le, stage) (rate(kalam_task_commit_seconds_bucket[5m])))\` |
`

function metricTable(metrics: readonly MetricInfo[]): string {
  const rows = metrics.map(
    ({ name, kind, labels, help }) =>
      `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
  )
  return ['| metric | kind | labels | meaning |', '|---|---|---|---|', ...rows].join('\n')
}
