import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openWorkspace } from '../../cli/workspace.ts'
import type { Turn } from '../../core/conversation/model.ts'
import { parseMessage } from '../../core/conversation/parse-message.ts'
import { spanFinder } from '../../core/masking/find-spans.ts'
import { defaultMaskKinds } from '../../core/masking/kinds.ts'
import { scanMerged } from '../../dataflow/scan-merged.ts'
import type { Message, Scored, Translation } from '../../schemas/records.ts'
import { damages, seededRandom, transliterated } from '../core/masking/fake-translators.ts'
import { parallelTexts } from '../core/masking/translatable-texts.ts'
import { sentinel } from '../fake-openai/sentinels.ts'
import { fakeOpenai } from '../fake-openai/server.ts'
import { kalamHere } from './here.ts'
import { copyData, workFolder } from './kalam.ts'

const terms = ['React', 'Kalam']
const find = spanFinder({ kinds: defaultMaskKinds, terms })
const docs = ['react_docs', 'llm_translated_docs', 'polymath_latex', 'tico19']

/** Everything between sentinels in Arabic letters, and one to three things done to the sentinels. */
const hostile = () => {
  const random = seededRandom(7)
  return (segment: string): string => {
    const parts = segment.split(sentinel).flatMap((words, i, all) => {
      const tokens = segment.match(sentinel) ?? []
      return i < all.length - 1 ? [transliterated(words), tokens[i]!] : [transliterated(words)]
    })
    if (parts.length === 1) return parts[0]!
    const names = Object.keys(damages)
    for (let i = 1 + random(3); i > 0; i--)
      damages[names[random(names.length)]!]!(parts, 1 + 2 * random((parts.length - 1) / 2), random)
    return parts.join('')
  }
}

/** What peers change: fenced code, think tags, tool calls; in order, as they stand in a message. */
const structureOf = (role: string, content: string): Record<'fences' | 'think' | 'toolCalls', string[]> => {
  const parts = parseMessage(role as Turn['role'], content)
  const texts = (type: string) => parts.filter((part) => part.type === type).map(({ text }) => text)
  return { fences: texts('code'), think: content.match(/<\/?think>/g) ?? [], toolCalls: texts('tool_call') }
}

interface Counts {
  rows: Record<string, number>
  changed: Record<string, number>
  spans: number
  chunks: number
  failed: Record<string, number>
  /** Answers that were refused for their sentinels. */
  refused: number
}

describe('what is protected', { timeout: 300_000 }, () => {
  const folder = workFolder()
  afterAll(() => folder.remove())

  const countOf = (
    counts: Counts,
    messages: readonly { body: Message | undefined }[],
    translations: readonly { body: Translation | undefined }[],
    scored: readonly { body: Scored | undefined }[],
  ): void => {
    for (const { body } of translations) {
      if (!body || body.status === 'kept') continue
      counts.chunks++
      counts.refused += body.attempts.filter(({ outcome }) => outcome === 'placeholders').length
      if (body.status === 'failed') counts.failed[body.reason!] = (counts.failed[body.reason!] ?? 0) + 1
      if (body.status !== 'translated') continue
      const source = messages[body.message_index]!.body!.content.slice(body.start, body.start + body.length)
      const spans = find(source).map(({ start, end }) => source.slice(start, end))
      counts.spans += spans.length
      let rest = body.target_text!
      for (const span of spans.sort((a, b) => b.length - a.length)) {
        const at = rest.indexOf(span)
        expect(at, `lost ${span} of ${source}`).not.toBe(-1)
        rest = `${rest.slice(0, at)}\n${rest.slice(at + span.length)}`
      }
    }
    const of = (texts: { role: string; content: string }[]) =>
      texts.map(({ role, content }) => structureOf(role, content))
    const before = of(messages.map(({ body }) => body!))
    const after = of(scored.map(({ body }) => ({ role: body!.role, content: body!.target })))
    for (const what of ['fences', 'think', 'toolCalls'] as const) {
      const [was, is] = [before, after].map((all) => JSON.stringify(all.flatMap((one) => one[what])))
      if (was === '[]') continue
      counts.rows[what] = (counts.rows[what] ?? 0) + 1
      if (was !== is) counts.changed[what] = (counts.changed[what] ?? 0) + 1
    }
  }

  it('comes out of the whole flow byte for byte, however sentinels are treated', async () => {
    copyData('chat', join(folder.path, 'data'))
    const rows = docs
      .flatMap((name) => parallelTexts(name))
      .map(({ en }) => JSON.stringify({ messages: [{ role: 'user', content: en }] }))
    writeFileSync(join(folder.path, 'data/docs.jsonl'), rows.join('\n'))
    const servers = { good: await fakeOpenai(), hostile: await fakeOpenai({ answer: hostile() }) }
    const line = (name: keyof typeof servers) =>
      `  ${name}: { backend: openai, url: "${servers[name].url}", model: ${name}, chunking: tokens, masking: { terms: [${terms}] } }`
    const file = join(folder.path, 'pipeline.yaml')
    writeFileSync(
      file,
      `pipeline: protected
sources: [{ name: chat, path: data }]
chunkings: { tokens: { by: tokens } }
translators:
${line('good')}
${line('hostile')}
rankings: { release: { candidates: [good, hostile] } }
`,
    )
    const ran = await kalamHere(file)('run')
    expect({ code: ran.code, err: ran.code === 0 ? '' : ran.err }).toEqual({ code: 0, err: '' })
    for (const server of Object.values(servers)) await server.close()

    const workspace = await openWorkspace(file, { env: {}, create: false, warehouse: false })
    const all: Record<string, Counts> = {}
    for (const name of Object.keys(servers)) {
      const counts: Counts = { rows: {}, changed: {}, spans: 0, chunks: 0, failed: {}, refused: 0 }
      all[name] = counts
      const { log, codec, topics, config } = workspace
      const inputs = [
        { topic: topics.messages, name: 'Message' },
        { topic: topics.translations(name), name: 'Translation' },
        { topic: topics.scored(name), name: 'Scored' },
      ] as const
      for (let partition = 0; partition < config.partitions; partition++)
        for await (const { groups } of scanMerged(log, codec, inputs, partition))
          countOf(counts, groups[0]!.records, groups[1]!.records, groups[2]!.records)
    }
    await workspace.close()
    const { good, hostile: other } = all as { good: Counts; hostile: Counts }
    // Nothing to refuse, nothing failed.
    expect(good).toMatchObject({ changed: {}, failed: {}, refused: 0 })
    expect(other.changed).toEqual({})
    expect(Object.keys(other.failed).filter((reason) => reason !== 'placeholders')).toEqual([])
    expect(other.refused).toBeGreaterThan(500)
    for (const { rows, spans, chunks } of [good, other]) {
      expect(Math.min(...Object.values(rows))).toBeGreaterThan(90)
      expect(Object.keys(rows)).toHaveLength(3)
      expect(spans).toBeGreaterThan(10_000)
      expect(chunks).toBeGreaterThan(4000)
    }
  })
})
