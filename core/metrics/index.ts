import { lr } from './lr.ts'
import type { Metric } from './metric.ts'
import { scr } from './scr.ts'

/** Every metric over a pair of texts, with its default parameters. */
export const metrics: readonly Metric[] = [lr(), scr()]

/** The version of every metric by its name; part of the settings hash of scored lines. */
export const metricVersions: Record<string, number> = Object.fromEntries(
  metrics.map(({ name, version }) => [name, version]),
)
