import { chatRows, messagesIn, peersConversations } from './chat-rows.ts'
import { functionsAlone, type MeasuredRun, measuredRun } from './measured-run.ts'
import { peerRows } from './peers.ts'

const slots = 64
const latencyMs = 20
const longer = 4

/** Calls a second, calls a CPU-second beside a bare pool's, and memory over four times the input. */
export async function* calls(scale: number): AsyncGenerator<string> {
  const rows = chatRows(Math.ceil(peersConversations * scale))
  const more = chatRows(Math.ceil(peersConversations * scale) * longer)
  const characters = rows.reduce((sum, row) => sum + row.length, 0)
  yield `${rows.length} conversations, ${messagesIn(rows)} messages, ${(characters / 1e6).toFixed(1)} M characters; ${slots} slots, ${latencyMs} ms`
  const server = { latencyMs }
  const pool = await measuredRun({ what: 'pool', rows, slots, server })
  const poolMore = await measuredRun({ what: 'pool', rows: more, slots, server })
  const flow = await measuredRun({ what: 'flow', rows, slots, server })
  const flowMore = await measuredRun({ what: 'flow', rows: more, slots, server })
  // What the flow cannot do without.
  const alone = { ...(await functionsAlone(more)), answers: flowMore.answers }
  const both = { answers: flowMore.answers, cpuSeconds: alone.cpuSeconds + poolMore.cpuSeconds }
  yield `bare pool        ${took(pool)}`
  yield `bare pool, ${longer}x    ${took(poolMore)}`
  yield `flow             ${took(flow)}`
  yield `flow, ${longer}x         ${took(flowMore)}`
  const beside = (a: number, b: number) => (a / b).toFixed(2)
  yield `flow / pool      ${beside(perCpu(flow), perCpu(pool))} of its calls a CPU-second, ${beside(perCpu(flowMore), perCpu(poolMore))} over ${longer}x (aim 0.25), ${beside(added(flow, flowMore), added(pool, poolMore))} of what is added`
  yield `functions alone  ${alone.cpuSeconds.toFixed(1)} CPU s over ${longer}x, without calls, log and memory: ${beside(perCpu(alone), perCpu(poolMore))} of the pool's calls a CPU-second, with the pool's calls ${beside(perCpu(both), perCpu(poolMore))}`
  yield `memory           ${flow.rssAnonMiB.toFixed(0)} MiB, over ${longer}x the input ${flowMore.rssAnonMiB.toFixed(0)} MiB: ${beside(flowMore.rssAnonMiB, flow.rssAnonMiB)}`
  yield `flow             ${perSecond(flow)} calls/s, over ${longer}x ${perSecond(flowMore)} (good is 2,000, the server could 3,200), beside:`
  for (const row of peerRows()) yield `  ${row}`
}

const perCpu = ({ answers, cpuSeconds }: Pick<MeasuredRun, 'answers' | 'cpuSeconds'>): number => answers / cpuSeconds
/** Calls a CPU-second of what a longer run does besides: without warming up. */
const added = (a: MeasuredRun, b: MeasuredRun): number => (b.answers - a.answers) / (b.cpuSeconds - a.cpuSeconds)
const perSecond = ({ answers, callSeconds }: MeasuredRun): string =>
  Math.round(answers / callSeconds).toLocaleString('en')

const took = (run: MeasuredRun): string =>
  `${run.answers} calls in ${run.seconds.toFixed(1)} s, ${perSecond(run)} calls/s, ${run.cpuSeconds.toFixed(1)} CPU s: ${Math.round(perCpu(run)).toLocaleString('en')} a CPU-second`
