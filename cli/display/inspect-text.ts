import { absent, formatCount, formatNumber } from '../../core/report/format.ts'
import { visibleControls, visibleLine } from '../../core/report/visible-text.ts'
import { pseudoMark } from '../../services/report/tables/names.ts'
import { candidateTable } from './candidate-table.ts'
import type { CandidateFacts, ChunkFacts, ConversationFacts, Verdict } from './conversation-facts.ts'
import { paragraph } from './paragraph.ts'

const shownCharacters = 600
const letters = 'ABCDEFGHIJKLMNOP'

/** A candidate with the letter it has in this text. */
export interface Lettered extends CandidateFacts {
  letter: string
}

/** A conversation for a person: verdict, figures side by side, and every message with its candidates one below the other. */
export const inspectText = (facts: ConversationFacts, options: { full: boolean; columns: number }): string => {
  const main = facts.verdicts.reduce<Verdict | undefined>(
    (most, verdict) => (verdict.candidates.length > (most?.candidates.length ?? 0) ? verdict : most),
    undefined,
  )
  const candidates = lettered(facts, main)
  return [
    ...verdictLines(facts, main, candidates, options.columns),
    '',
    ...(candidates.length === 0 ? ['No candidate has been scored yet: kalam status shows where it waits.'] : []),
    ...candidateTable(facts, main, candidates),
    ...facts.messages.flatMap(({ message_index }) => messageLines(facts, message_index, candidates, options)),
    rule('', options.columns),
    options.full ? 'more: --json' : 'more: --full whole texts and chunks   --json',
    '',
  ].join('\n')
}

/** Candidates of the verdict in its order, then the others. */
const lettered = ({ candidates }: ConversationFacts, main: Verdict | undefined): Lettered[] => {
  const order = (line: string): number => {
    const at = main?.candidates.indexOf(line) ?? -1
    return at < 0 ? candidates.length : at
  }
  return candidates
    .toSorted((a, b) => order(a.line) - order(b.line))
    .map((candidate, at) => ({ ...candidate, letter: letters[at] ?? String(at + 1) }))
}

const verdictLines = (
  { id, messages, verdicts }: ConversationFacts,
  main: Verdict | undefined,
  candidates: readonly Lettered[],
  columns: number,
): string[] => {
  const name = `${id}   ${formatCount(messages.length, 'message')}`
  if (!main) return [name, 'not ranked yet: kalam status shows where it waits']
  const letter = candidates.find(({ line }) => line === main.winner)?.letter
  const others = verdicts.filter((verdict) => verdict !== main)
  const pseudo = candidates.filter((candidate) => candidate.pseudo).map(({ line }) => line)
  return [
    `${name}   ${main.ranking}: ${verdictText(main)}${letter ? ` (${letter})` : ''}`,
    paragraph(visibleLine(`why: ${main.why}`), columns, 5),
    ...(others.length > 0
      ? [paragraph(`also: ${others.map((other) => `${other.ranking} ${verdictText(other)}`).join('; ')}`, columns, 6)]
      : []),
    ...(pseudo.length > 0 ? [`! ${pseudo.join(', ')}: ${pseudoMark}`] : []),
  ]
}

const verdictText = ({ keep, reasons, winner }: Verdict): string =>
  `${keep ? 'keep' : `drop (${reasons.join(', ')})`}, winner ${winner === '' ? 'none' : winner}`

/** Arabic stands alone on its lines: no frame and nothing beside it. */
const messageLines = (
  facts: ConversationFacts,
  index: number,
  candidates: readonly Lettered[],
  { full, columns }: { full: boolean; columns: number },
): string[] => {
  const message = facts.messages.find(({ message_index }) => message_index === index)!
  const shown = (text: string): string => {
    const visible = visibleControls(text)
    if (full || visible.length <= shownCharacters) return visible
    return `${visible.slice(0, shownCharacters).toWellFormed()}… (${formatNumber(visible.length)} characters)`
  }
  return [
    '',
    `message ${index + 1} of ${facts.messages.length}, ${message.role}`,
    rule('source', columns),
    shown(message.text),
    ...candidates.flatMap(({ letter, line, in_line }) => {
      if (!in_line) return [rule(`${letter} ${line}: not in line`, columns)]
      const target = facts.targets.find((row) => row.line === line && row.message_index === index)
      const flags = facts.flags.filter((flag) => flag.line === line && flag.message_index === index)
      const chunks = facts.chunks.filter((chunk) => chunk.line === line && chunk.message_index === index)
      return [
        rule(`${letter} ${line}`, columns),
        ...flags.map(({ code, detail }) => visibleLine(`! ${code}: ${detail}`)),
        ...(full ? [chunksText(chunks)] : []),
        target === undefined ? absent : shown(target.text),
      ]
    }),
  ]
}

const chunksText = (chunks: readonly ChunkFacts[]): string =>
  `${formatCount(chunks.length, 'chunk')}: ${chunks
    .map(
      ({ part_type, status, reason, attempts }) =>
        `${part_type} ${status}${reason === '' ? '' : ` ${reason}`}${attempts > 1 ? ` after ${attempts} answers` : ''}`,
    )
    .join(', ')}`

const rule = (title: string, columns: number): string =>
  (title === '' ? '' : `--- ${title} `).padEnd(Math.min(100, columns), '-')
