import type { ExecOptions } from '../../../../services/translate/backends/exec.ts'

/** A program that answers in any order, and does what its texts say: `die`, `hang`, `refuse`, `fail`, `babble`, `again`, `show`. */
export const echoProgram = `
import { createInterface } from 'node:readline'
const tell = (answer) => process.stdout.write((typeof answer === 'string' ? answer : JSON.stringify(answer)) + '\\n')
const deeds = {
  die: () => { console.error('about to die'); process.exit(3) },
  hang: () => {},
  refuse: ({ id }) => tell({ id, error: 'too rude' }),
  fail: ({ id }) => tell({ id, error: 'try later', retryable: true }),
  babble: ({ id, text }) => { tell('loading…'); tell('[1]'); tell({ id: 'nobody', text }); tell({ id, text }) },
  again: ({ id, text }) => { tell({ id, text }); tell({ id, text }); tell('{') },
  nothing: ({ id }) => tell({ id, answer: 'x' }),
  show: (request) => tell({ id: request.id, text: JSON.stringify({ request, env: process.env, cwd: process.cwd() }), usage: { prompt_tokens: 3, completion_tokens: 4, cost_usd: 0.5, model: 'm' }, finish_reason: 'length' }),
  pid: ({ id }) => tell({ id, text: String(process.pid) }),
}
if (process.argv.includes('--broken')) { console.error('no such model'); process.exit(1) }
let held = []
createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line)
  const deed = deeds[request.text.split(' ')[0]]
  if (deed) return deed(request)
  held.push({ id: request.id, text: '~' + request.text })
  setTimeout(() => { for (const answer of held.reverse()) tell(answer); held = [] }, 3)
}).on('close', () => process.exit(0))
`

/** Options of a translator that runs the program of a folder. */
export const execOptions = (cwd: string, more: Partial<ExecOptions> = {}): ExecOptions => ({
  name: 'mine',
  command: [process.execPath, 'echo.mjs'],
  cwd,
  env: process.env,
  pass: [],
  version: '1',
  timeoutMs: 5000,
  startTimeoutMs: 20_000,
  slots: 8,
  now: Date.now,
  onNotice: () => undefined,
  ...more,
})
