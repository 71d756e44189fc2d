import { KalamError } from '../../dataflow/error.ts'
import { readCheckpoints } from '../../services/ingest/read-checkpoints.ts'
import { conversationFacts } from '../display/conversation-facts.ts'
import { notRead } from '../display/not-read.ts'
import { type CameIn, cameInText, type Refused, refusedText } from '../display/why-text.ts'
import type { Io } from '../io.ts'
import type { Workspace } from '../workspace.ts'

/** `kalam why <id | file:line>`: what became of a conversation or a row, and why; also of rows that never came in. */
export const why = async (workspace: Workspace, what: string, io: Io): Promise<number> => {
  const { warehouse, config } = workspace
  const place = /^(.+):(\d+)$/.exec(what)
  const file = place?.[1]
  const where = place
    ? "(file = {file:String} OR endsWith(file, concat('/', {file:String})) OR endsWith({file:String}, concat('/', file))) AND line_number = {line:UInt64}"
    : 'id = {id:String}'
  const parameters = place ? { file, line: Number(place[2]) } : { id: what }
  const came = await warehouse.query<CameIn>(
    `SELECT id, file, line_number AS line FROM v_conversations WHERE ${where} ORDER BY id`,
    parameters,
  )
  const refused = await warehouse.query<Refused>(
    `SELECT id, file, line_number AS line, stage, reason, detail, verdict, byte_start AS byteStart, byte_end AS byteEnd
FROM v_dead_letters WHERE ${where} ORDER BY id, line`,
    parameters,
  )
  for (const row of refused) io.out(refusedText(row, io.columns))
  for (const row of came) io.out(cameInText(row, await conversationFacts(warehouse, row.id), config, io.columns))
  if (came.length + refused.length > 0) return 0
  const waiting = notRead(what, config.sources, await readCheckpoints(workspace.log, workspace.codec, workspace.topics))
  if (waiting.read) throw new KalamError('not_found', `looking for ${what}: ${waiting.fact}`, { hint: waiting.hint })
  io.out(`${what} has not come in yet: ${waiting.fact}\n  ${waiting.hint}\n`)
  return 0
}
