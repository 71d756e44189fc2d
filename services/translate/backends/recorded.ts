import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { KalamError, messageOf } from '../../../dataflow/error.ts'
import { noUsage, type Translator } from '../translator.ts'

const version = 1
const letter = /\p{L}/u

/**
 * Replays recorded translations: JSONL of {system?, source, target}. A segment is looked up exactly as a whole, else line by
 * line (trimmed; lines without a letter pass as they are). KalamError no_translation where a line is not recorded.
 */
export const recorded = (options: { file: string; system?: string }): Translator => {
  const text = readRecording(options.file)
  const targets = parseRecording(text, options)
  const fingerprint = createHash('sha256')
    .update(`recorded@${version}\0${options.system ?? ''}\0${text}`)
    .digest('hex')

  const line = (source: string): string => {
    const trimmed = source.trim()
    if (!letter.test(trimmed)) return source
    const target = targets.get(trimmed)
    if (target === undefined) {
      throw new KalamError(
        'no_translation',
        `looking up ${options.file}: no translation of ${JSON.stringify(trimmed.slice(0, 80))}`,
      )
    }
    const start = source.indexOf(trimmed)
    return source.slice(0, start) + target + source.slice(start + trimmed.length)
  }
  const translateNow: Translator['translateNow'] = ({ text: segment }) => ({
    text: targets.get(segment) ?? segment.split('\n').map(line).join('\n'),
    usage: noUsage,
  })
  return {
    backend: 'recorded',
    fingerprint,
    slots: 64,
    paid: false,
    render: ({ text: segment }) => segment,
    translateNow,
    translate: async (request) => translateNow(request),
  }
}

const readRecording = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (thrown) {
    throw new KalamError('missing_file', `reading recorded translations: ${messageOf(thrown)}`, {
      hint: 'Set translators.<name>.file in pipeline.yaml to a JSONL file of {"source", "target"}.',
      cause: thrown,
    })
  }
}

const parseRecording = (text: string, { file, system }: { file: string; system?: string }): Map<string, string> => {
  const targets = new Map<string, string>()
  for (const [index, row] of text.split('\n').entries()) {
    if (row.trim() === '') continue
    const entry = parseEntry(row, `${file}:${index + 1}`)
    if (system === undefined || entry.system === system) targets.set(entry.source, entry.target)
  }
  return targets
}

const parseEntry = (row: string, where: string): { system?: string; source: string; target: string } => {
  let entry: unknown
  try {
    entry = JSON.parse(row)
  } catch (thrown) {
    throw new KalamError('config_invalid', `reading recorded translations: ${where}: ${messageOf(thrown)}`)
  }
  const { source, target } = (entry ?? {}) as { source?: unknown; target?: unknown }
  if (typeof source !== 'string' || typeof target !== 'string') {
    throw new KalamError(
      'config_invalid',
      `reading recorded translations: ${where}: a line needs "source" and "target" texts`,
    )
  }
  return entry as { system?: string; source: string; target: string }
}
