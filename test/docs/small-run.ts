import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { openWorkspace, type Workspace } from '../../cli/workspace.ts'
import { type Placed, placeRecord } from '../../dataflow/place.ts'
import type {
  DeadLetter,
  Message,
  Ranked,
  RecordName,
  Records,
  Scored,
  SourceCheckpoint,
  Translation,
} from '../../schemas/records.ts'
import { pseudoText } from '../../services/translate/backends/pseudo.ts'
import { fakeOpenai } from '../fake-openai/server.ts'
import { kalam, workFolder } from '../system/kalam.ts'

type Turn = { role: string; content: string }
/** A record with the line it belongs to and the split of its conversation. */
export type Of<Body> = Placed<Body> & { body: Body; line: string; split: string }

/** Everything that a run left in its topics, read from there and not from the tables. */
export interface SmallRun {
  workspace: Workspace
  messages: Of<Message>[]
  translations: Of<Translation>[]
  scored: Of<Scored>[]
  ranked: Of<Ranked>[]
  deadLetters: Of<DeadLetter>[]
  checkpoints: SourceCheckpoint[]
  close(): Promise<void>
}

const turns = (...contents: string[]): Turn[] =>
  contents.map((content, i) => ({ role: i % 2 === 0 ? 'user' : 'assistant', content }))
const row = (...contents: string[]): string => JSON.stringify({ messages: turns(...contents) })

const story = 'A long story about a river, a bridge and the people of a town that grew beside it. '
const files: Record<string, string> = {
  'data/alpha.jsonl': [
    row('What is the capital of France?', '<think>\nThe question is about France.\n</think>\n\nIt is Paris.'),
    row('What is the capital of France?', 'The capital of France is Paris, on the Seine.'),
    row('Please tell me the SHORT version of it.', `SHORT ${story.repeat(4)}`),
    '{"messages": [',
    row('Say it in English.', `COPY ${story}`),
    row('Give an example of a river.', 'LEAK The Nile is a river.'),
    row('Give an example of a mountain.', 'LEAK Everest is a mountain of the Himalaya.'),
    '{"text": "no messages here"}',
    row('Give an example of a sea.', 'LEAK The Baltic.'),
    row('What did the translator lose?', 'HOLE This answer gets lost.'),
    row('What did the other one lose?', 'GONE Only one of them has this.'),
    row('Does it help to ask again?', 'RETRY Yes, the second answer is better.'),
    row('Print hello.', 'Here it is:\n\n```python\nprint("hello, big wide world")\n```\n\nThat is all.'),
  ].join('\n'),
  'data/beta.jsonl': [
    row('One', 'Two words', 'Three words here', 'Four words stand here.'),
    row('Who is not in line?', 'HOLE Nobody saves this answer.'),
    row(story.repeat(3), story.repeat(12)),
    '{"messages": [{"role": "narrator", "content": "x"}]}',
  ].join('\n'),
  'recorded.jsonl': ['One', 'Two words', 'Three words here', 'Four words stand here.', 'Print hello.']
    .map((source) => JSON.stringify({ source, target: pseudoText(source) }))
    .join('\n'),
}

/** Faults that the questions are about come through to the tables. */
const checks =
  '{ copy: off, unchanged: off, wrong_script: off, part_copied: off, too_short: off, too_long: off, truncated: off }'

const pipeline = (a: string, b: string) => `
pipeline: questions
partitions: 2
sources: [{ name: chat, path: data }]
chunkings:
  tokens490: { by: tokens }
  lines25: { by: lines }
translators:
  a: { backend: openai, url: "${a}", model: model-a, chunking: tokens490, attempts: 2, checks: ${checks} }
  b: { backend: openai, url: "${b}", model: model-b, chunking: lines25, splits: { except: [beta] }, checks: ${checks} }
  r: { backend: recorded, file: recorded.jsonl, chunking: lines25 }
  letters: { backend: pseudo, chunking: lines25 }
rankings:
  a_ranked: { candidates: [a], keep: { complete: false } }
  recorded_first: { candidates: [r, b], keep: { complete: true } }
  release: { candidates: [a, b], keep: { complete: true, lr: ">= 0.4", scr: ">= 0.5" } }
`

/** Runs the CLI once over a small pipeline in which everything happens that the questions of docs/sql.md are about. */
export const smallRun = async (): Promise<SmallRun> => {
  const asked = new Set<string>()
  const a = await fakeOpenai({
    answer: (segment) => {
      if (segment.startsWith('HOLE')) return ''
      if (segment.startsWith('RETRY') && !asked.has(segment)) {
        asked.add(segment)
        return ''
      }
      return segment.startsWith('SHORT') ? 'قصة' : pseudoText(segment)
    },
  })
  const b = await fakeOpenai({
    answer: (segment) => {
      if (segment.startsWith('GONE')) return ''
      if (segment.startsWith('COPY')) return segment
      if (segment.startsWith('LEAK')) return 'هذا هو المثال الذي في التعليمات'
      return segment.startsWith('SHORT') ? 'قصة قصيرة' : `${pseudoText(segment)} ثم`
    },
  })
  const folder = workFolder({ 'pipeline.yaml': pipeline(a.url, b.url) })
  mkdirSync(join(folder.path, 'data'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder.path, name), text)
  const ended = await kalam(folder.path, 'run')
  await a.close()
  await b.close()
  expect(ended.code, ended.err).toBe(0)
  const workspace = await openWorkspace(join(folder.path, 'pipeline.yaml'), { env: process.env, create: false })
  return {
    ...(await readTopics(workspace)),
    workspace,
    async close() {
      await workspace.close()
      folder.remove()
    },
  }
}

const readTopics = async (workspace: Workspace) => {
  const { config, topics, translators } = workspace
  const all = <Name extends RecordName>(topic: string, name: Name, line: string) =>
    readTopic(workspace, topic, name, line)
  const lines = translators.lines(config).map(({ line }) => line)
  const rankings = Object.keys(config.rankings)
  return {
    messages: await all(topics.messages, 'Message', ''),
    translations: (await Promise.all(lines.map((l) => all(topics.translations(l), 'Translation', l)))).flat(),
    scored: (await Promise.all(lines.map((l) => all(topics.scored(l), 'Scored', l)))).flat(),
    ranked: (await Promise.all(rankings.map((l) => all(topics.ranked(l), 'Ranked', l)))).flat(),
    deadLetters: await all(topics.deadLetters, 'DeadLetter', ''),
    checkpoints: await readCheckpoints(workspace),
  }
}

const readTopic = async <Name extends RecordName>(
  { log, codec }: Workspace,
  topic: string,
  name: Name,
  line: string,
): Promise<Of<Records[Name]>[]> => {
  const found: Of<Records[Name]>[] = []
  for (let partition = 0; partition < (await log.ends(topic)).length; partition++) {
    for await (const records of log.scan(topic, partition, 0)) {
      await codec.prepare(records)
      for (const record of records) {
        const placed = placeRecord(codec, name, record)
        if (placed?.body) found.push({ ...placed, body: placed.body, line, split: placed.id.split('/')[1]! })
      }
    }
  }
  return found
}

/** The last checkpoint of every file. */
const readCheckpoints = async ({ log, codec, topics }: Workspace): Promise<SourceCheckpoint[]> => {
  const files = new Map<string, SourceCheckpoint>()
  for (let partition = 0; partition < (await log.ends(topics.sources)).length; partition++) {
    for await (const records of log.scan(topics.sources, partition, 0)) {
      await codec.prepare(records)
      for (const { value } of records) {
        const checkpoint = codec.decode('SourceCheckpoint', value)
        files.set(checkpoint.file, checkpoint)
      }
    }
  }
  return [...files.values()]
}
