import { expect, it } from 'vitest'
import { detectors } from '../../../../core/detectors/index.ts'
import { defaultPolicies } from '../../../../core/detectors/policies.ts'
import { failureMeanings } from '../../../../services/report/tables/failure-meanings.ts'
import { failuresTable } from '../../../../services/report/tables/loss-tables.ts'
import { recordable } from '../../../../services/translate/translate-segment.ts'
import { exampleLine } from '../example-report.ts'

/** Refused by the server for this text, without the lines it had, and a record that nobody can read. */
const others = ['backend_refused', 'structure', 'undecodable']
const reasons = [
  ...new Set([...Object.keys(defaultPolicies), ...detectors.map(({ reason }) => reason), ...recordable, ...others]),
]

it('says of every reason that a chunk can fail for what it means', () => {
  const failures = reasons.map((reason) => ({ reason, count: 1 }))
  const { rows } = failuresTable([exampleLine({ failures })])
  expect(rows).toHaveLength(reasons.length)
  expect(rows.filter((row) => row.at(-1) === '–').map(([reason]) => reason)).toEqual([])
})

it('has no meaning for what is no reason, and a short one of its own for each', () => {
  expect(Object.keys(failureMeanings).toSorted()).toEqual(reasons.toSorted())
  const texts = Object.values(failureMeanings)
  expect(new Set(texts).size).toBe(texts.length)
  for (const text of texts) expect(text.length, text).toBeLessThan(90)
})
