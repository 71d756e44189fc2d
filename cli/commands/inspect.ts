import { KalamError } from '../../dataflow/error.ts'
import { conversationFacts } from '../display/conversation-facts.ts'
import { inspectText } from '../display/inspect-text.ts'
import type { Io } from '../io.ts'
import type { Workspace } from '../workspace.ts'

/** Options of `kalam inspect`. */
export interface InspectOptions {
  /** Whose verdict to show; all of them by default. */
  ranking?: string
  /** Whole texts, and how every chunk ended. */
  full: boolean
  json: boolean
}

/** `kalam inspect <id>`: the verdict, the candidates' figures side by side, and every message with its candidates. */
export const inspect = async (
  { warehouse, config }: Workspace,
  id: string,
  { ranking, full, json }: InspectOptions,
  io: Io,
): Promise<number> => {
  const known = Object.keys(config.rankings)
  if (ranking !== undefined && !known.includes(ranking)) {
    throw new KalamError('not_found', `inspecting ${id}: there is no ranking ${ranking}`, {
      hint: `There is ${known.join(', ')}.`,
    })
  }
  const facts = await conversationFacts(warehouse, id)
  if (facts.messages.length === 0) {
    throw new KalamError('not_found', `inspecting ${id}: no such conversation came in`, {
      hint: `An id is source/split/row.\nkalam why ${id}   tells what became of the row.`,
    })
  }
  const shown = {
    ...facts,
    verdicts: facts.verdicts.filter((verdict) => ranking === undefined || verdict.ranking === ranking),
  }
  io.out(json ? `${JSON.stringify(shown)}\n` : inspectText(shown, { full, columns: io.columns }))
  return 0
}
