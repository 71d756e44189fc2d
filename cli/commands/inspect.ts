import { formatRatio } from '../../core/report/format.ts'
import { KalamError } from '../../dataflow/error.ts'
import type { Io } from '../io.ts'
import type { Workspace } from '../workspace.ts'

interface Verdict {
  ranking: string
  winner: string
  why: string
  margin: number | null
  keep: number
  reasons: string[]
}
interface CandidateRow {
  line: string
  in_line: number
  complete: number
  pseudo: number
  failed: number
  metrics: Record<string, number | null>
}
interface MessageRow {
  message_index: number
  role: string
  text: string
}

const shownCharacters = 600

/** `kalam inspect <id>`: the verdicts, the candidates' metrics and flags, and every message beside its candidates. */
export const inspect = async (
  workspace: Workspace,
  id: string,
  options: { ranking?: string; full: boolean; json: boolean },
  io: Io,
): Promise<number> => {
  const found = await conversation(workspace, id)
  const verdicts = found.verdicts.filter(({ ranking }) => options.ranking === undefined || ranking === options.ranking)
  if (options.json) {
    io.out(`${JSON.stringify({ id, ...found, verdicts })}\n`)
    return 0
  }
  for (const { ranking, winner, why, keep, reasons } of verdicts) {
    io.out(
      `${id}  ${ranking}: ${keep ? 'keep' : `dropped (${reasons.join(', ')})`}, winner ${winner || 'none'}\n  why: ${why}\n`,
    )
  }
  io.out('\n')
  for (const { line, in_line, complete, pseudo, failed, metrics } of found.candidates) {
    const ends = in_line
      ? `LR ${formatRatio(metrics.lr ?? null, 3)}, SCR ${formatRatio(metrics.scr ?? null, 3)}, ${complete ? 'complete' : `incomplete: ${failed} chunks failed`}`
      : 'not in line'
    io.out(`${line}: ${ends}${pseudo ? '  ! pseudo: no translation' : ''}\n`)
  }
  const shorten = (text: string) =>
    options.full || text.length <= shownCharacters
      ? text
      : `${text.slice(0, shownCharacters).toWellFormed()}… (${text.length} characters, --full shows all)`
  for (const { message_index, role, text } of found.messages) {
    io.out(`\nmessage ${message_index + 1} of ${found.messages.length}, ${role}\n--- source\n${shorten(text)}\n`)
    for (const target of found.targets.filter((row) => row.message_index === message_index)) {
      const flags = found.flags.filter((flag) => flag.line === target.line && flag.message_index === message_index)
      io.out(
        `--- ${target.line}${flags.map(({ code, detail }) => `   ! ${code}: ${detail}`).join('')}\n${shorten(target.text)}\n`,
      )
    }
  }
  return 0
}

const conversation = async ({ warehouse }: Workspace, id: string) => {
  const of = { id }
  const messages = await warehouse.query<MessageRow>(
    'SELECT message_index, role, content AS text FROM v_messages WHERE id = {id:String} ORDER BY message_index',
    of,
  )
  if (messages.length === 0) {
    throw new KalamError('not_found', `inspecting ${id}: no such conversation came in`, {
      hint: `kalam why ${id}   tells whether a row with this id was refused.`,
    })
  }
  return {
    messages,
    verdicts: await warehouse.query<Verdict>(
      'SELECT ranking, winner, why, margin, keep, reasons FROM v_ranked WHERE id = {id:String} ORDER BY ranking',
      of,
    ),
    candidates: await warehouse.query<CandidateRow>(
      'SELECT line, in_line, complete, pseudo, failed, metrics FROM v_candidates WHERE id = {id:String} ORDER BY line',
      of,
    ),
    targets: await warehouse.query<MessageRow & { line: string }>(
      'SELECT line, message_index, role, target AS text FROM v_targets WHERE id = {id:String} ORDER BY message_index, line',
      of,
    ),
    flags: await warehouse.query<{ line: string; message_index: number; code: string; detail: string }>(
      'SELECT line, message_index, code, detail FROM v_flags WHERE id = {id:String} ORDER BY message_index, start',
      of,
    ),
  }
}
