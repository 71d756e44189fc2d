import { busyShare } from '../../test/fake-openai/busy-share.ts'
import { chatRows } from './chat-rows.ts'
import { measuredRun, type RunOf } from './measured-run.ts'

const slots = 256
const latencyMs = 200
const slow = { slow: 0.01, slowMs: 20_000 }

/** The share of slots that have a call at the server while there are chunks that it has not seen. */
export async function* busy(scale: number): AsyncGenerator<string> {
  const ordinary = chatRows(Math.ceil(6000 * scale))
  const rows = { ordinary, slow: chatRows(Math.ceil(8000 * scale)) }
  yield `${slots} slots, ${latencyMs} ms; by the server's clock, from second 3 until it has seen the last chunk`
  const cases: [string, RunOf][] = [
    ['bare pool', { what: 'pool', rows: rows.ordinary, slots, server: { latencyMs } }],
    ['flow', { what: 'flow', rows: rows.ordinary, slots, server: { latencyMs } }],
    ['bare pool, 1 % of 20 s', { what: 'pool', rows: rows.slow, slots, server: { latencyMs, ...slow } }],
    ['flow, 1 % of 20 s', { what: 'flow', rows: rows.slow, slots, server: { latencyMs, ...slow } }],
  ]
  let pool = Number.NaN
  for (const [name, run] of cases) {
    const { calls, answers, cpuSeconds } = await measuredRun(run)
    const { share, worstSecond, seconds } = busyShare(calls, slots)
    const aim = run.what === 'flow' ? ' (aim 98 %)' : ''
    yield `${name.padEnd(24)} ${percent(share)}${aim}, in the worst second ${percent(worstSecond)}, over ${seconds.toFixed(0)} s`
    const perCpu = answers / cpuSeconds
    const beside = run.what === 'flow' ? `, ${(perCpu / pool).toFixed(2)} of the pool's (aim 0.25)` : ''
    yield `${''.padEnd(24)} ${cpuSeconds.toFixed(1)} CPU s, ${Math.round(perCpu)} calls a CPU-second${beside}`
    if (run.what === 'pool') pool = perCpu
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
