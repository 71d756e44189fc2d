import { formatCount, formatNumber, formatRatio } from '../../core/report/format.ts'
import { visibleLine } from '../../core/report/visible-text.ts'
import type { PipelineConfig } from '../../services/config.ts'
import { configuredLines } from '../../services/report/configured-lines.ts'
import { pseudoMark } from '../../services/report/tables/names.ts'
import type { ConversationFacts } from './conversation-facts.ts'
import { paragraph } from './paragraph.ts'

/** A row that became a conversation, and where it was read. */
export interface CameIn {
  id: string
  file: string
  line: number
}

/** A row or record that could not come in or on. */
export interface Refused extends CameIn {
  stage: string
  reason: string
  detail: string
  /** bad or dropped. */
  verdict: string
  byteStart: number
  byteEnd: number
}

/** What became of a row that never came in. */
export const refusedText = (row: Refused, columns: number): string => {
  const { id, file, line, stage, reason, detail, verdict, byteStart, byteEnd } = row
  const came = verdict === 'dropped' ? 'was left out' : stage === 'ingest' ? 'never came in' : 'could not go on'
  const facts = [
    `${file}:${line} ${came}: ${verdict} at ${stage}, ${reason}: ${detail}`,
    `it would be ${id}; bytes ${formatNumber(byteStart)} to ${formatNumber(byteEnd)}, the first 64 KiB of them are in the dead_letters topic`,
  ]
  return `${facts.map((fact, at) => `${at === 0 ? '' : '  '}${paragraph(visibleLine(fact), columns - 4, 4)}`).join('\n')}\n`
}

/** What became of a conversation: in every translator line, then in every ranking. */
export const cameInText = (
  { id, file, line }: CameIn,
  facts: ConversationFacts,
  config: PipelineConfig,
  columns: number,
): string => {
  const lines = configuredLines(config).map(({ line: name, settings }) => lineFact(name, settings.splits, facts))
  const rankings = Object.keys(config.rankings).map((ranking) => rankingFact(ranking, facts))
  const shown = [...lines, ...rankings].map((fact) => `  ${paragraph(visibleLine(fact), columns - 6, 6)}`)
  return `${visibleLine(`${id} came in from ${file}:${line}`)}\n${shown.join('\n')}\n  more: kalam inspect ${id}\n`
}

const lineFact = (
  line: string,
  splits: { only?: string[] | undefined; except?: string[] | undefined },
  { candidates, chunks }: ConversationFacts,
): string => {
  const own = chunks.filter((chunk) => chunk.line === line)
  const candidate = candidates.find((found) => found.line === line)
  if (candidate?.in_line === false || own.some(({ reason }) => reason === 'not_in_line')) {
    const rule = [
      ...(splits.only ? [`only ${splits.only.join(', ')}`] : []),
      ...(splits.except ? [`all but ${splits.except.join(', ')}`] : []),
    ]
    return `${line}: not in line, it takes ${rule.join(' and ') || 'other splits'}`
  }
  if (!candidate) {
    return own.length === 0
      ? `${line}: not translated yet, kalam status shows where it waits`
      : `${line}: ${formatCount(own.length, 'chunk')} translated, not scored yet`
  }
  const { lr, scr } = candidate.metrics
  const ends = candidate.complete ? 'complete' : `incomplete: ${missing(own)}`
  return `${line}: ${ends}; LR ${formatRatio(lr ?? null, 3)}, SCR ${formatRatio(scr ?? null, 3)}${candidate.pseudo ? `; ${pseudoMark}` : ''}`
}

const missing = (chunks: readonly { status: string; reason: string }[]): string => {
  const counts = new Map<string, number>()
  for (const { status, reason } of chunks)
    if (reason !== '') counts.set(`${status} with ${reason}`, (counts.get(`${status} with ${reason}`) ?? 0) + 1)
  return [...counts].map(([text, count]) => `${formatCount(count, 'chunk')} ${text}`).join(', ')
}

const rankingFact = (ranking: string, { verdicts }: ConversationFacts): string => {
  const verdict = verdicts.find((found) => found.ranking === ranking)
  if (!verdict) return `${ranking}: not ranked yet, kalam status shows where it waits`
  return `${ranking}: ${verdict.keep ? 'kept' : `dropped (${verdict.reasons.join(', ')})`}. ${verdict.why}`
}
