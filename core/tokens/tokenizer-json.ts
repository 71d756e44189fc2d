/** A text of a tokenizer that is always one token. */
export interface AddedToken {
  content: string
  normalized: boolean
}

/**
 * One step of cutting a text into words: at the matches of an Oniguruma pattern or of a literal text, which are words
 * themselves, or the putting of a space before every word that has none.
 */
export type WordStep = { regex: string } | { literal: string } | 'prefix_space'

/** What counting needs of a byte-level BPE tokenizer.json. */
export interface TokenizerJson {
  added: AddedToken[]
  normalForm: 'NFC' | 'NFD' | 'NFKC' | 'NFKD' | null
  steps: WordStep[]
  vocab: Record<string, number>
  /** Best first. */
  merges: (readonly [string, string])[]
  /** A word that is in the vocabulary is one token without merging. */
  ignoreMerges: boolean
}

type Fields = Record<string, unknown>

const gpt2Pattern = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"

/** Reads a parsed tokenizer.json. Throws a RangeError that names what is missing or what this counter does not know. */
export function readTokenizerJson(json: unknown): TokenizerJson {
  const root = fieldsOf(json, 'the file')
  const model = fieldsOf(root.model, 'model')
  if (model.type !== 'BPE') throw unknown('model.type', model.type)
  for (const key of ['dropout', 'unk_token', 'continuing_subword_prefix', 'end_of_word_suffix']) {
    if (model[key] != null && model[key] !== '') throw unknown(`model.${key}`, model[key])
  }
  const words = readPreTokenizer(root.pre_tokenizer)
  if (!words.byteLevel) throw unknown('pre_tokenizer', root.pre_tokenizer)
  return {
    added: listOf(root.added_tokens ?? [], 'added_tokens').map(readAddedToken),
    normalForm: readNormalForm(root.normalizer),
    steps: words.steps,
    vocab: fieldsOf(model.vocab, 'model.vocab') as Record<string, number>,
    merges: listOf(model.merges, 'model.merges').map(readMerge),
    ignoreMerges: model.ignore_merges === true,
  }
}

function readAddedToken(value: unknown): AddedToken {
  const token = fieldsOf(value, 'added_tokens')
  if (typeof token.content !== 'string') throw unknown('added_tokens.content', token.content)
  for (const key of ['single_word', 'lstrip', 'rstrip']) {
    if (token[key] === true) throw unknown(`added_tokens ${token.content} ${key}`, true)
  }
  return { content: token.content, normalized: token.normalized === true }
}

function readNormalForm(value: unknown): TokenizerJson['normalForm'] {
  if (value == null) return null
  const { type } = fieldsOf(value, 'normalizer')
  if (type === 'NFC' || type === 'NFD' || type === 'NFKC' || type === 'NFKD') return type
  throw unknown('normalizer.type', type)
}

interface Words {
  steps: WordStep[]
  byteLevel: boolean
}

function readPreTokenizer(value: unknown): Words {
  const words: Words = { steps: [], byteLevel: false }
  const fields = fieldsOf(value, 'pre_tokenizer')
  const list = fields.type === 'Sequence' ? listOf(fields.pretokenizers, 'pre_tokenizer.pretokenizers') : [fields]
  for (const entry of list) readStep(fieldsOf(entry, 'pre_tokenizer'), words)
  return words
}

function readStep(step: Fields, words: Words): void {
  if (words.byteLevel) throw unknown('pre_tokenizer behind ByteLevel', step.type)
  if (step.type === 'ByteLevel') {
    words.byteLevel = true
    if (step.add_prefix_space === true) words.steps.push('prefix_space')
    if (step.use_regex !== false) words.steps.push({ regex: gpt2Pattern })
  } else if (step.type === 'Digits') {
    words.steps.push({ regex: step.individual_digits === true ? '\\p{N}' : '\\p{N}+' })
  } else if (step.type === 'Split') words.steps.push(readSplit(step))
  else throw unknown('pre_tokenizer.type', step.type)
}

function readSplit(step: Fields): WordStep {
  const { Regex: regex, String: literal } = fieldsOf(step.pattern, 'pre_tokenizer.pattern')
  if (step.behavior !== 'Isolated' || step.invert === true) throw unknown('pre_tokenizer.behavior', step.behavior)
  if (typeof regex === 'string') return { regex }
  if (typeof literal === 'string') return { literal }
  throw unknown('pre_tokenizer.pattern', step.pattern)
}

function readMerge(value: unknown): readonly [string, string] {
  if (typeof value === 'string') {
    const space = value.indexOf(' ')
    if (space >= 0 && value.indexOf(' ', space + 1) < 0) return [value.slice(0, space), value.slice(space + 1)]
  }
  if (Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'string') {
    return [value[0], value[1]]
  }
  throw unknown('model.merges', value)
}

function fieldsOf(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unknown(name, value)
  return value as Fields
}

function listOf(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) throw unknown(name, value)
  return value
}

function unknown(name: string, value: unknown): RangeError {
  const shown = (JSON.stringify(value) ?? 'missing').slice(0, 80)
  return new RangeError(
    `reading a tokenizer.json: ${name} is ${shown}, which the byte-level BPE counter does not support`,
  )
}
