import { expect, it } from 'vitest'
import { parsePipeline } from '../../../services/load-config.ts'
import { spentOf } from '../../../services/report/collect-calls.ts'
import { exampleLine } from './example-report.ts'

const config = parsePipeline(
  `pipeline: p
sources: [{ name: s, path: s.jsonl }]
chunkings: { lines25: { by: lines } }
translators:
  a: { backend: openai, api: chat, url: http://127.0.0.1:1/v1, model: m, prompt: instruct, chunking: lines25, samples: 2, sampling: { temperature: 1 } }
rankings: { release: { candidates: [a, a-s1] } }
`,
  'pipeline.yaml',
)
const line = (name: string, costUsd: number | null, paidUsd: number | null) =>
  exampleLine({ line: name, sums: { ...exampleLine().sums, costUsd, paidUsd } })

it.each([
  ['an undisturbed run', [line('a', 2, 2), line('a-s1', 1, 1)], { a: 3 }, { usd: 3, savedUsd: 0 }],
  [
    'a crash, which left answers in the memory',
    [line('a', 2, 0.5), line('a-s1', 1, 1)],
    { a: 3 },
    { usd: 3, savedUsd: 0 },
  ],
  ['a retry, whose first answers are not live', [line('a', 2, 0.5)], { a: 2.5 }, { usd: 2.5, savedUsd: 0 }],
  ['answers that another pipeline paid', [line('a', 2, 0.5)], { a: 0.5 }, { usd: 0.5, savedUsd: 1.5 }],
  ['another machine, which has no ledger', [line('a', 2, 2)], {}, { usd: 2, savedUsd: 0 }],
  ['a translator that is named no more', [line('a', 2, 2)], { a: 2, old: 1 }, { usd: 3, savedUsd: 0 }],
  ['servers that tell no price', [line('a', null, null)], { a: 0 }, { usd: null, savedUsd: 0 }],
] as const)('is what was paid: %s', (_name, lines, booked, spent) => {
  expect(spentOf(lines, config, new Map(Object.entries(booked)))).toEqual(spent)
})
