import { formatCount, formatDuration, formatNumber } from '../../core/report/format.ts'
import { visibleControls, visibleLine } from '../../core/report/visible-text.ts'
import type { TranslatorConfig } from '../../services/config.ts'
import type { TriedCheck, TriedChunk, TriedRequest } from '../../services/translate/try-chunk.ts'
import { exactUsd } from './exact-usd.ts'
import { paragraph } from './paragraph.ts'

/** Who was asked, and for whom it is shown. */
export interface TryShown {
  name: string
  settings: TranslatorConfig
  env: Record<string, string | undefined>
  columns: number
}

/** A tried chunk for a person: what is protected, each request with answer and checks, and the result. */
export const tryText = (tried: TriedChunk, id: string, shown: TryShown): string => {
  const { chunk, spans, requests } = tried
  const { message_index, chunk_index, chunk_count, part_type } = chunk
  const place = id.startsWith('text/')
    ? 'a text, as one segment'
    : `${id}#${message_index}   ${part_type}, chunk ${chunk_index + 1} of ${chunk_count}`
  return `${[
    visibleLine(`${shown.name}   ${place}`),
    ...spans.map(({ token, kind, source }) => `  ${token} ${kind}   ${visibleLine(source)}`),
    ...requests.flatMap((request, at) => requestLines(request, at, shown)),
    ...resultLines(tried, shown.columns),
    '',
  ].join('\n')}\n`
}

/** Tried chunks as one JSON document. */
export const triedJson = (tried: readonly TriedChunk[], id: string, shown: TryShown): string => {
  const chunks = tried.map(({ error, ...one }) => ({
    ...one,
    totals: totalsOf(one.requests),
    ...(error !== undefined && { error: error instanceof Error ? error.message : String(error) }),
  }))
  return `${JSON.stringify({ translator: shown.name, ...sentTo(shown), id, chunks })}\n`
}

/** Where requests go, without any secret: the key is named by its variable, users and passwords of URLs are left out. */
const sentTo = ({ settings, env }: TryShown): { url?: string; key?: string } => {
  if (settings.backend !== 'openai') return {}
  const path = settings.api === 'chat' ? '/chat/completions' : '/completions'
  const [first = ''] = settings.url.replace(/\$(\w+)/g, (_, name: string) => env[name] ?? '').split(',')
  const url = new URL(first.trim())
  url.username = ''
  url.password = ''
  url.search = ''
  return { url: `${url.href.replace(/\/$/, '')}${path}`, ...(settings.key !== undefined && { key: settings.key }) }
}

const requestLines = (request: TriedRequest, at: number, shown: TryShown): string[] => {
  const { attempt, step, body, isKnown, answer, error, restored, usage, outcome } = request
  const { url, key } = sentTo(shown)
  const how = [`attempt ${attempt + 1}`, ...(step ? [step] : []), ...(isKnown ? ['in the memory'] : [])].join(', ')
  return [
    rule(`request ${at + 1}: ${how}`, shown.columns),
    ...(url === undefined ? [] : [`POST ${url}${key === undefined ? '' : `   Authorization: Bearer ${key}`}`]),
    visibleControls(typeof body === 'string' ? body : JSON.stringify(body, null, 2)),
    ...(answer === undefined ? [] : [rule('raw answer', shown.columns), visibleControls(answer)]),
    ...(error === undefined ? [] : [paragraph(visibleLine(`! ${error.code}: ${error.message}`), shown.columns, 2)]),
    ...(restored === undefined || restored === answer
      ? []
      : [rule('restored', shown.columns), visibleControls(restored)]),
    ...(answer === undefined ? [] : [rule('checks', shown.columns), ...checkLines(request)]),
    ...(usage === undefined || outcome === undefined ? [] : [usageText(usage, isKnown)]),
  ]
}

const checkLines = ({ checks, outcome = 'ok' }: TriedRequest): string[] => [
  ...checks.map((check) => `${check.reason === outcome ? '! ' : '  '}${checkText(check)}`),
  outcome === 'ok' ? 'accepted' : `refused: ${outcome}`,
]

const checkText = ({ reason, value, first, last }: TriedCheck): string =>
  [
    reason,
    ...(value === undefined ? [] : [formatNumber(value, Number.isInteger(value) ? 0 : 3)]),
    first === undefined
      ? ''
      : (policyWords[first] ?? first) + (first === last ? '' : `, in the end ${lastWords[last!]}`),
  ]
    .filter((part) => part !== '')
    .join('   ')

const policyWords: Record<string, string> = {
  retry: 'asked again',
  split: 'asked in smaller pieces',
  flag: 'accepted with a flag',
  fail: 'failed',
}
const lastWords = { flag: 'accepted with a flag', fail: 'failed' }

const usageText = (usage: NonNullable<TriedRequest['usage']>, isKnown: boolean): string => {
  const { prompt_tokens, completion_tokens, cost_usd, latency_ms, model, provider, finish_reason } = usage
  const cost = cost_usd === null ? 'cost not known' : exactUsd(cost_usd)
  const parts = [
    `${formatNumber(prompt_tokens)} + ${formatCount(completion_tokens, 'token')}`,
    isKnown ? `${cost}, paid before` : cost,
    formatDuration(latency_ms / 1000),
    [model, provider].filter(Boolean).join(' at '),
    finish_reason && `ended by ${finish_reason}`,
  ]
  return visibleLine(parts.filter(Boolean).join('   '))
}

/** What all requests took; what is in the memory was paid before. */
const totalsOf = (requests: readonly TriedRequest[]) => {
  const paid = requests.filter(({ isKnown, usage }) => usage !== undefined && !isKnown)
  return {
    requests: requests.length,
    from_memory: requests.filter(({ isKnown }) => isKnown).length,
    tokens: paid.reduce((sum, { usage }) => sum + usage!.prompt_tokens + usage!.completion_tokens, 0),
    cost_usd: paid.reduce((sum, { usage }) => sum + (usage!.cost_usd ?? 0), 0),
    latency_ms: paid.reduce((sum, { usage }) => sum + usage!.latency_ms, 0),
  }
}

const resultLines = ({ translation, requests, error, chunk }: TriedChunk, columns: number): string[] => {
  if (error !== undefined) return []
  const { from_memory, tokens, cost_usd, latency_ms } = totalsOf(requests)
  const count = formatCount(requests.length, 'request')
  if (!translation) {
    if (chunk.kind !== 'translate') return [`${chunk.kind}: it is not sent`]
    return [rule('', columns), `dry: ${count}, ${formatNumber(from_memory)} in the memory; nothing was called`]
  }
  const { status, reason, flags, target_text } = translation
  const facts = [
    `${status}${reason === null || reason === '' ? '' : ` (${reason})`}`,
    ...(flags.length > 0 ? [`flags ${flags.join(', ')}`] : []),
    `${count}, ${formatNumber(from_memory)} from the memory`,
    `${formatCount(tokens, 'token')}, ${exactUsd(cost_usd)}, ${formatDuration(latency_ms / 1000)}`,
  ]
  return [
    ...(target_text === null ? [] : [rule('result', columns), visibleControls(target_text)]),
    rule('', columns),
    facts.join('   '),
  ]
}

const rule = (name: string, columns: number): string => {
  const begin = name === '' ? '' : `--- ${name} `
  return begin.padEnd(Math.max(begin.length, columns), '-')
}
