import { policyOf, type ReasonPolicy } from '../../core/detectors/policies.ts'
import { mask, type Sentinel } from '../../core/masking/mask.ts'
import { KalamError } from '../../dataflow/error.ts'
import type { Attempt, Chunk, Translation } from '../../schemas/records.ts'
import type { Memory } from './memory.ts'
import { peel } from './peel.ts'
import { type ChunkTranslator, translateChunk } from './translate-chunk.ts'
import type { SegmentRules } from './translate-segment.ts'
import { noUsage, type TranslateAnswer, type TranslateRequest, type Translator } from './translator.ts'
import { memoryKey } from './with-memory.ts'

/** What a check said about an answer, and what its policy is. */
export interface TriedCheck extends Partial<ReasonPolicy> {
  reason: string
  /** The measure that was too high or too low. */
  value?: number | undefined
}

/** One request and what became of it. */
export interface TriedRequest {
  /** Zero-based. */
  attempt: number
  /** What was to be translated: the masked text, or a part of it. */
  text: string
  /** The body as it is sent; a text where a translator sends none. */
  body: unknown
  /** Whether the answer is in the memory. */
  isKnown: boolean
  /** As it came; without it there was none. */
  answer?: string
  error?: { code: string; message: string }
  checks: TriedCheck[]
  /** The answer with its spans put back, where that could be done. */
  restored?: string
  /** What the answer took and what was said of it in the end. */
  usage?: TranslateAnswer['usage']
  outcome?: string
  /** How it was asked, as in the table of calls. */
  step?: string
}

/** A chunk that was tried: every request in order and, but for a dry try and an error that stops a line, its end. */
export interface TriedChunk {
  chunk: Chunk
  /** Spans that are not translated, and what stands for them. */
  spans: Pick<Sentinel, 'token' | 'kind' | 'source'>[]
  requests: TriedRequest[]
  translation?: Translation
  /** What stopped it. */
  error?: unknown
}

/** Translates a chunk as a line does and tells everything on the way. */
export const tryChunk = async (
  chunk: Chunk,
  id: string,
  line: ChunkTranslator,
  signal: AbortSignal,
): Promise<TriedChunk> => {
  const requests: TriedRequest[] = []
  const observed = { ...line, translator: observedTranslator(line.translator, requests), rules: line.rules }
  observed.rules = observedRules(line.rules, requests)
  const tried: TriedChunk = { chunk, spans: spansOf(chunk, line.rules), requests }
  try {
    const translation = await translateChunk(chunk, id, observed, signal)
    addAttempts(requests, translation, line.rules)
    return { ...tried, translation }
  } catch (error) {
    return { ...tried, error }
  }
}

/** What would be asked for a chunk if every answer were right, and whether the memory has it; calls nothing. */
export const dryChunk = async (
  chunk: Chunk,
  id: string,
  line: ChunkTranslator,
  memory: Pick<Memory, 'get'>,
): Promise<TriedChunk> => {
  const requests: TriedRequest[] = []
  const { translateNow: _, ...translator } = line.translator
  const dry: Translator = {
    ...translator,
    async translate(request) {
      const [known] = translator.paid ? await memory.get([memoryKey(translator, request)]) : []
      requests.push({ ...asked(translator, request), isKnown: known !== undefined })
      return { text: request.text, usage: noUsage }
    },
  }
  const rules: SegmentRules = { ...line.rules, findings: () => [], policyOf: () => undefined }
  await translateChunk(chunk, id, { ...line, translator: dry, rules }, new AbortController().signal)
  return { chunk, spans: spansOf(chunk, line.rules), requests }
}

const spansOf = (chunk: Chunk, rules: SegmentRules): TriedChunk['spans'] => {
  if (chunk.kind !== 'translate') return []
  const { segment } = peel(chunk.text)
  return mask(segment, rules.findSpans(segment), 0).sentinels.map(({ token, kind, source }) => ({
    token,
    kind,
    source,
  }))
}

const asked = (translator: Translator, request: TranslateRequest): TriedRequest => ({
  attempt: request.attempt,
  text: request.text,
  body: bodyOf(translator.render(request)),
  isKnown: false,
  checks: [],
})

/** Local translators send a text, others JSON. */
const bodyOf = (rendered: string): unknown => {
  try {
    const body: unknown = JSON.parse(rendered)
    return typeof body === 'object' ? body : rendered
  } catch {
    return rendered
  }
}

const observedTranslator = (translator: Translator, requests: TriedRequest[]): Translator => {
  const begin = (request: TranslateRequest): TriedRequest => {
    const begun = asked(translator, request)
    requests.push(begun)
    return begun
  }
  const end = (of: TriedRequest, { text, usage, fromMemory = false }: TranslateAnswer) =>
    Object.assign(of, { answer: text, usage, isKnown: fromMemory })
  const failed = (of: TriedRequest, thrown: unknown) => {
    if (thrown instanceof KalamError) of.error = { code: thrown.code, message: thrown.message }
    return thrown
  }
  const { translateNow } = translator
  return {
    ...translator,
    async translate(request, call) {
      const begun = begin(request)
      try {
        const answer = await translator.translate(request, call)
        end(begun, answer)
        return answer
      } catch (thrown) {
        throw failed(begun, thrown)
      }
    },
    ...(translateNow && {
      translateNow(request: TranslateRequest) {
        const begun = begin(request)
        try {
          const answer = translateNow(request)
          end(begun, answer)
          return answer
        } catch (thrown) {
          throw failed(begun, thrown)
        }
      },
    }),
  }
}

/** An answer is looked at as it came and, where that could be done, with its spans put back: the last look counts. */
const observedRules = (rules: SegmentRules, requests: TriedRequest[]): SegmentRules => {
  const looks = new WeakMap<TriedRequest, number>()
  return {
    ...rules,
    findings(pair) {
      const found = rules.findings(pair)
      const last = requests.at(-1)
      if (!last) return found
      looks.set(last, (looks.get(last) ?? 0) + 1)
      last.checks = found.map(({ reason, value }) => ({ reason, value, ...rules.policyOf(reason, pair.kind) }))
      if (looks.get(last) === 2) last.restored = pair.target
      return found
    },
  }
}

/** Every answered request has its attempt in the record, in the same order. */
const addAttempts = (requests: TriedRequest[], { attempts }: Translation, rules: SegmentRules): void => {
  const answered = requests.filter(({ answer }) => answer !== undefined)
  for (const [i, { outcome, step }] of attempts.entries()) {
    const request = answered[i]
    if (!request) continue
    Object.assign(request, { outcome, step } satisfies Partial<Attempt>)
    if (outcome === 'ok' || request.checks.some(({ reason }) => reason === outcome)) continue
    // Lines and sentinels are looked at apart from the detectors.
    const policy = rules.policyOf(outcome, 'prose') ?? policyOf(outcome, 'prose')
    request.checks.push({ reason: outcome, ...(request.restored !== undefined && policy) })
  }
}
