import { expect, it } from 'vitest'
import { askedWaitMs } from '../../../../services/translate/backends/asked-wait.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
const of = (headers: Record<string, string>) => askedWaitMs((name) => headers[name], now)

it.each<[Record<string, string>, number | undefined]>([
  [{}, undefined],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '1.5' }, 1500],
  [{ 'retry-after': 'Sun, 01 Mar 2026 12:01:00 GMT' }, 60_000],
  [{ 'retry-after': 'Sun, 01 Mar 2026 11:00:00 GMT' }, 0],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '-3' }, expect.any(Number)],
  [{ 'retry-after-ms': '250', 'retry-after': '1' }, 250],
  [{ 'x-ratelimit-reset': String(now + 7000) }, 7000],
  [{ 'x-ratelimit-reset': String(now / 1000 + 7) }, 7000],
  [{ 'x-ratelimit-reset': '7' }, 7000],
  [{ 'x-ratelimit-reset': String(now - 7000) }, 0],
  [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' }, 360_000],
  [{ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '20ms' }, 20],
  [{ 'x-ratelimit-remaining-tokens': '12', 'x-ratelimit-reset-tokens': '3s' }, 3000],
  [{ 'x-ratelimit-remaining-tokens': '12', 'x-ratelimit-reset-tokens': '6m0s' }, 60_000],
  [{ 'x-ratelimit-remaining-requests': '9', 'x-ratelimit-reset-requests': '1s' }, undefined],
  [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': 'later' }, undefined],
])('reads %j', (headers, waitMs) => {
  const waited = of(headers)
  expect(waited).toEqual(waitMs)
  expect(waited ?? 0).toBeGreaterThanOrEqual(0)
})
