import { totalsOf } from '../../test/fake-openai/books.ts'
import { chatRows, messagesIn, peersConversations } from './chat-rows.ts'
import { measuredRun } from './measured-run.ts'
import { peers } from './peers.ts'

const slots = 64
const timeoutS = 5
const mix = { rateLimited: 0.05, serverErrors: 0.02, hangs: 0.005 }

/** The peers' work while the server limits rates, breaks and hangs. */
export async function* faults(scale: number): AsyncGenerator<string> {
  const rows = chatRows(Math.ceil(peersConversations * scale))
  yield `${messagesIn(rows)} messages; 5 % of 429, 2 % of 500, 0.5 % of hangs (timeout ${timeoutS} s); ${slots} slots, 20 ms`
  const run = await measuredRun({ what: 'flow', rows, slots, timeoutS, server: { latencyMs: 20, ...mix } })
  const books = totalsOf(run.calls)
  yield `flow             ${run.seconds.toFixed(1)} s, ${books.paid} answers, ${books.paidAgain} paid again; ${Object.entries(
    books.outcomes,
  )
    .map(([outcome, count]) => `${outcome} ${count}`)
    .join(', ')}`
  for (const { name, underFaults } of peers) yield `  ${name.padEnd(30)} ${underFaults}`
}
