import { expect, it } from 'vitest'
import { metricsPage } from '../../docs/metrics-page.ts'
import { workerLogger } from '../../services/observe/logger.ts'
import { type MetricInfo, metricList } from '../../services/observe/metric-list.ts'
import { observer } from '../../services/observe/observer.ts'
import { read } from '../repository/files.ts'

const listed: MetricInfo[] = Object.values(metricList)

it('the page of metrics is what npm run generate makes of the list', () => {
  expect(read('docs/metrics.md')).toBe(metricsPage())
})

it('the list has every metric of a process and no other, with their kinds', async () => {
  const logger = workerLogger('silent', {}, { write: () => undefined })
  const seen = observer({ version: '0', logger, now: () => 0 })
  const { text } = await seen.metrics()
  const types = [...text.matchAll(/^# TYPE (kalam_\w+) (\w+)$/gm)].map(([, name, kind]) => `${name} ${kind}`)
  expect(types.toSorted()).toEqual(listed.map(({ name, kind }) => `${name} ${kind}`).toSorted())
  expect(text).toMatch(/^# TYPE process_cpu_seconds_total counter$/m)
})

it('names follow the conventions of Prometheus', () => {
  for (const { name, kind, help, labels } of listed) {
    expect(name).toMatch(/^kalam_[a-z_]+$/)
    expect(name.endsWith('_total'), name).toBe(kind === 'counter')
    if (kind === 'histogram') expect(name).toMatch(/_(seconds|bytes)$/)
    expect(help.trim().length, name).toBeGreaterThan(10)
    for (const label of labels) expect(label).toMatch(/^[a-z]+$/)
  }
})
