import { KalamError } from '../../dataflow/error.ts'
import type { Io } from '../io.ts'
import type { Workspace } from '../workspace.ts'

interface Came {
  id: string
  file: string
  line_number: number
}
interface Refused extends Came {
  stage: string
  reason: string
  detail: string
  verdict: string
  byte_start: number
  byte_end: number
}

/** `kalam why <id | file:line>`: what became of a conversation or a row, and why; also of rows that never came in. */
export const why = async (workspace: Workspace, what: string, io: Io): Promise<number> => {
  const { warehouse } = workspace
  const place = /^(.+):(\d+)$/.exec(what)
  const where = place ? 'endsWith(file, {file:String}) AND line_number = {line:UInt64}' : 'id = {id:String}'
  const parameters = place ? { file: place[1]!, line: Number(place[2]) } : { id: what }
  const came = await warehouse.query<Came>(
    `SELECT id, file, line_number FROM v_conversations WHERE ${where}`,
    parameters,
  )
  const refused = await warehouse.query<Refused>(
    `SELECT id, file, line_number, stage, reason, detail, verdict, byte_start, byte_end FROM v_dead_letters WHERE ${where}`,
    parameters,
  )
  for (const { file, line_number, stage, reason, detail, verdict, byte_start, byte_end } of refused) {
    io.out(
      `${file}:${line_number} never came in: ${verdict} at ${stage}, ${reason}: ${detail}\n  bytes ${byte_start} to ${byte_end}; the first 64 KiB are in the dead_letters topic\n`,
    )
  }
  for (const row of came) await explain(workspace, row, io)
  if (came.length + refused.length > 0) return 0
  throw new KalamError('not_found', `looking for ${what}: no row like that was read`, {
    hint: 'An id is source/split/row, a place is file:line. Empty lines are no rows. kalam status shows how far each file was read.',
  })
}

const explain = async ({ warehouse }: Workspace, { id, file, line_number }: Came, io: Io): Promise<void> => {
  io.out(`${id} came in from ${file}:${line_number}\n`)
  const of = { id }
  const skipped = await warehouse.query<{ line: string; reason: string; count: number }>(
    "SELECT line, reason, count() AS count FROM v_chunks WHERE id = {id:String} AND reason != '' GROUP BY line, reason ORDER BY line, reason",
    of,
  )
  for (const { line, reason, count } of skipped) {
    io.out(
      reason === 'not_in_line'
        ? `  ${line}: not in line, its splits leave this one out\n`
        : `  ${line}: ${count} chunks ended with ${reason}\n`,
    )
  }
  const verdicts = await warehouse.query<{ ranking: string; keep: number; why: string; reasons: string[] }>(
    'SELECT ranking, keep, why, reasons FROM v_ranked WHERE id = {id:String} ORDER BY ranking',
    of,
  )
  for (const { ranking, keep, why: sentence, reasons } of verdicts)
    io.out(`  ${ranking}: ${keep ? 'kept' : `dropped (${reasons.join(', ')})`}. ${sentence}\n`)
  if (verdicts.length === 0) io.out('  not ranked yet: kalam status shows where it waits\n')
}
