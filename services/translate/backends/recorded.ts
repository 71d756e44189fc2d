import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { KalamError, messageOf } from '../../../dataflow/error.ts'
import { peel } from '../peel.ts'
import { noUsage, type Translator } from '../translator.ts'

const version = 1
const letter = /\p{L}/u

/**
 * Replays recorded translations: JSONL of {system?, source, target}. A segment is looked up as a whole, else line by line;
 * lines without a letter pass as they are. White space around texts and the kind of line breaks do not count: they stay as
 * in the segment. Of two recordings of one text the first counts. KalamError no_translation where a line is not recorded.
 */
export const recorded = (options: { file: string; system?: string }): Translator => {
  const text = readRecording(options.file)
  const targets = parseRecording(text, options)
  const fingerprint = createHash('sha256')
    .update(`recorded@${version}\0${options.system ?? ''}\0${text}`)
    .digest('hex')

  const line = (source: string): string => {
    const { before, segment, after } = peel(source)
    if (!letter.test(segment)) return source
    const target = targets.get(segment)
    if (target !== undefined) return before + target + after
    const shown = JSON.stringify(segment.slice(0, 80).toWellFormed())
    throw new KalamError('no_translation', `looking up ${options.file}: no translation of ${shown}`)
  }
  const translateNow: Translator['translateNow'] = ({ text: segment }) => {
    const windows = segment.includes('\r\n')
    const whole = targets.get(windows ? segment.replaceAll('\r\n', '\n') : segment)
    return {
      text: (windows ? whole?.replaceAll('\n', '\r\n') : whole) ?? segment.split('\n').map(line).join('\n'),
      usage: noUsage,
    }
  }
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
    return readFileSync(file, 'utf8').replace(/^\ufeff/, '')
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
    const source = plain(entry.source)
    if ((system === undefined || entry.system === system) && !targets.has(source)) {
      targets.set(source, plain(entry.target))
    }
  }
  return targets
}

/** As texts are compared: without outer white space, with line feeds. */
const plain = (text: string): string => peel(text).segment.replaceAll('\r\n', '\n')

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
