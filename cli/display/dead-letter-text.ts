import { absent, formatCount, formatNumber } from '../../core/report/format.ts'
import { visibleControls, visibleLine } from '../../core/report/visible-text.ts'
import type { DeadLetterList, FoundDeadLetter } from '../../services/dead-letters.ts'
import { cell, cut } from './cells.ts'
import { paragraph } from './paragraph.ts'

/** Dead letters as a table: id, place, reason, detail, and how many there are of each reason. */
export const deadLetterTable = ({ found, reasons }: DeadLetterList, columns: number): string => {
  const all = reasons.reduce((sum, { count }) => sum + count, 0)
  if (all === 0) return 'no dead letters\n'
  // The id of a record says where it stands.
  const rows = found.map((one) =>
    [one.id, one.letter.stage === 'read' ? absent : placeOf(one), one.letter.reason, one.letter.detail].map(
      visibleLine,
    ),
  )
  const width = (at: number, most: number) => Math.min(most, Math.max(6, ...rows.map((row) => row[at]!.length)) + 2)
  const widths = [width(0, 34), width(1, 30), width(2, 22)]
  const line = (texts: readonly string[]) =>
    cut(texts.map((text, at) => (at < 3 ? cell(text, widths[at]!) : text)).join(''), Math.max(60, columns)).trimEnd()
  const more = all - found.length
  return `${[
    line(['id', 'place', 'reason', 'detail']),
    ...rows.map(line),
    '',
    `${formatCount(all, 'dead letter')}: ${reasons.map(({ reason, count }) => `${visibleLine(reason)} ${formatNumber(count)}`).join(', ')}`,
    ...(more > 0 ? [`${formatNumber(more)} older ones are not shown: --limit ${all}, or --json`] : []),
    'one of them, with its text: kalam dead-letters show <id>',
  ].join('\n')}\n`
}

/** A dead letter with everything that is kept of it; control characters are made visible. */
export const deadLetterText = (one: FoundDeadLetter, topic: string, columns: number): string => {
  const { letter } = one
  const body = Buffer.from(letter.body)
  const size = Math.max(body.length, letter.byte_end - letter.byte_start)
  const facts: [name: string, fact: string][] = [
    ['what', `${letter.verdict} at ${letter.stage || absent}, ${letter.reason}`],
    ['why', letter.detail],
    ['place', placeOf(one)],
    ['bytes', `${formatNumber(letter.byte_start)} to ${formatNumber(letter.byte_end)}`],
    ['written', `${new Date(one.atMs).toISOString()}, ${topic}/${one.partition}/${one.offset}`],
  ]
  const kept =
    size > body.length ? `the first ${formatNumber(body.length)} of ${formatNumber(size)}` : formatNumber(size)
  const rule = `--- body: ${kept} bytes `
  return `${[
    visibleLine(one.id),
    ...facts.map(([name, fact]) => `  ${cell(name, 9)}${paragraph(visibleLine(fact), columns - 12, 11)}`),
    rule.padEnd(Math.max(rule.length, columns), '-'),
    visibleControls(body.toString('utf8')),
  ].join('\n')}\n`
}

/** A dead letter as a line of JSON, without its body. */
export const deadLetterJson = ({ id, partition, offset, atMs, letter }: FoundDeadLetter): string => {
  const { body: _, ...rest } = letter
  return JSON.stringify({ id, at: new Date(atMs).toISOString(), ...rest, partition, offset })
}

const placeOf = ({ letter: { file, line, stage } }: FoundDeadLetter): string =>
  file === '' ? absent : stage === 'read' ? `${file}, offset ${line}` : `${file}:${line}`
