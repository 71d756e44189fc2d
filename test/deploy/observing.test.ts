import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type MetricInfo, metricList } from '../../services/observe/metric-list.ts'
import { read } from '../repository/files.ts'
import { root } from '../system/kalam.ts'
import { goProgram } from './go-program.ts'
import { readYaml, stages } from './known.ts'

interface Panel {
  id: number
  type: string
  title: string
  description?: string
  gridPos: { x: number; y: number; w: number; h: number }
  targets?: { expr: string }[]
}
interface Rule {
  alert: string
  expr: string
  for?: string
  labels: { severity: string }
  annotations: { summary: string; description: string }
}

const dashboards = readdirSync(join(root, 'deploy/grafana/dashboards'))
const panels = dashboards.flatMap((name) => readYaml<{ panels: Panel[] }>(`deploy/grafana/dashboards/${name}`).panels)
const rules = readYaml<{ groups: { rules: Rule[] }[] }>('deploy/prometheus/alerts.yml').groups.flatMap(
  (group) => group.rules,
)
const expressions = [
  ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...rules.map(({ expr }) => expr),
]
/** Labels by metric. */
const known = new Map(Object.values<MetricInfo>(metricList).map(({ name, labels }) => [name, labels]))
const namesIn = (text: string) => text.match(/\bkalam_[a-z_]+/g) ?? []

describe('dashboard and alerts', () => {
  it('ask for metrics that the code has, with no label that it has not', () => {
    const asked = [
      ...expressions,
      ...dashboards.flatMap((name) => namesIn(read(`deploy/grafana/dashboards/${name}`))),
    ].flatMap(namesIn)
    expect(new Set(asked).size).toBeGreaterThan(15)
    expect([...new Set(asked)].filter((name) => !known.has(name.replace(/_(bucket|count|sum)$/, '')))).toEqual([])
    const wrong = expressions.flatMap((expression) =>
      [...expression.matchAll(/\b(kalam_[a-z_]+?)(?:_(?:bucket|count|sum))?\{([^}]*)\}/g)].flatMap(
        ([, name = '', labels = '']) =>
          [...labels.matchAll(/(\w+)\s*=~?/g)]
            .filter(([, label]) => !known.get(name)?.includes(label!))
            .map(([, label]) => `${name} has no ${label}`),
      ),
    )
    expect(wrong).toEqual([])
  })

  it('show what waits, rates, commits, calls, spending, rebalances and dead letters', () => {
    const titles = panels.map(({ title }) => title)
    for (const title of [
      'Records waiting',
      'Age of the oldest waiting record',
      'Records read',
      'Commit time',
      'Calls in flight',
      'Spending',
      'Group events',
      'Dead letters',
    ])
      expect(titles).toContain(title)
  })

  it('have panels that explain themselves and lie nowhere on each other', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    expect(
      panels
        .filter(({ type, description, targets }) => type !== 'row' && !(description && targets?.length))
        .map(({ title }) => title),
    ).toEqual([])
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(panels.filter(({ gridPos }) => gridPos.x + gridPos.w > 24)).toEqual([])
  })

  it('warn of the same things by one name each, and say what to do', () => {
    expect(rules.length).toBeGreaterThan(6)
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
    const poor = rules.filter(
      ({ labels, annotations }) =>
        !['warning', 'critical'].includes(labels?.severity) || !annotations?.summary || !annotations.description,
    )
    expect(poor.map(({ alert }) => alert)).toEqual([])
  })
})

describe('prometheus.yml', () => {
  it('asks every stage of docker-compose.yml at the port that the image has', () => {
    const config = readYaml<{
      scrape_configs: { job_name: string; dns_sd_configs: { names: string[]; port: number }[] }[]
      rule_files: string[]
    }>('deploy/prometheus/prometheus.yml')
    const [kalam] = config.scrape_configs.find(({ job_name }) => job_name === 'kalam')!.dns_sd_configs
    expect(kalam?.names.toSorted()).toEqual(stages.toSorted())
    expect(read('deploy/Dockerfile')).toContain(`KALAM_HTTP_PORT=${kalam?.port}`)
    expect(config.rule_files.filter((name) => !existsSync(join(root, 'deploy/prometheus', name)))).toEqual([])
  })
})

const check = goProgram('promql-check')

describe.skipIf(!check)("Prometheus' own parser", () => {
  // Grafana fills its variables in before Prometheus sees the expression.
  const filled = expressions.map((expression) =>
    expression.replace(/\$__(rate_interval|range)/g, '5m').replace(/\$(stage|line)/g, '.*'),
  )

  it('reads every expression, and would refuse a broken one', () => {
    expect(check!.run([], { input: JSON.stringify(filled) })).toEqual({ code: 0, out: '', err: '' })
    expect(check!.run([], { input: JSON.stringify(['sum by (stage (kalam_tasks_running)']) }).code).toBe(1)
  })
})
