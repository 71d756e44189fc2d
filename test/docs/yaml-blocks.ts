import { parse, stringify } from 'yaml'

/** A fenced YAML block of a page. */
export interface YamlBlock {
  /** One-based line of its first line. */
  line: number
  text: string
}

/** The YAML blocks of a Markdown text. */
export const yamlBlocks = (markdown: string): YamlBlock[] =>
  [...markdown.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(({ 0: whole, 1: text = '', index }) => ({
    line: markdown.slice(0, index + whole.indexOf('\n')).split('\n').length + 1,
    text,
  }))

/** A part of a pipeline.yaml with the sections that it leaves out, so that all names in it exist. */
export const completePipeline = (text: string): string => {
  const part = (parse(text) ?? {}) as Record<string, Record<string, Record<string, unknown>> | undefined>
  const { translators = {}, rankings = {} } = part
  const candidates = Object.values(rankings).flatMap((ranking) => ranking.candidates as string[])
  const lines = part.translators ? Object.keys(translators) : [...candidates.map(withoutSample), 'some']
  const chunkings = Object.values(translators).map(({ chunking }) => String(chunking))
  const [known = 'some'] = Object.keys(part.chunkings ?? {})
  const missing = {
    pipeline: 'some',
    sources: [{ name: 'some', path: 'some.jsonl' }],
    chunkings: Object.fromEntries(['some', ...chunkings].map((name) => [name, { by: 'tokens' }])),
    translators: Object.fromEntries(lines.map((name) => [name, { ...someTranslator, chunking: known }])),
    rankings: { some: { candidates: lines } },
  }
  const rest = Object.entries(missing).filter(([section]) => part[section] === undefined)
  return `${text}\n${stringify(Object.fromEntries(rest), { aliasDuplicateObjects: false })}`
}

const withoutSample = (line: string): string => line.replace(/-s\d+$/, '')

const someTranslator = {
  ...{ backend: 'openai', url: 'http://localhost', model: 'some', samples: 16 },
  sampling: { temperature: 1 },
}
