import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { detectors } from '../../core/detectors/index.ts'
import { defaultPolicies } from '../../core/detectors/policies.ts'
import { root } from '../system/kalam.ts'

const page = readFileSync(join(root, 'docs/answers.md'), 'utf8')
const rows = [...page.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, reason = '', rest = '']) => {
  const [, first, last] = rest.split(' | ')
  return { reason, first, last }
})

it('docs/answers.md has every reason in the order of detectors, with its policy', () => {
  const words: Record<string, string> = { retry: 'again' }
  expect(rows).toEqual(
    detectors.map(({ reason }) => {
      const { first, last } = defaultPolicies[reason]!
      return { reason, first: words[first] ?? first, last }
    }),
  )
})
