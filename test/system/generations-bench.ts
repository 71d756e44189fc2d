import { createHash } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openPipeline } from '../../cli/workspace.ts'
import type { RecordName } from '../../schemas/records.ts'
import { kalam, startKalam } from './kalam.ts'

/** A topic's records: their bytes as one hash, and what they say without ordinals, offsets, times and usage. */
export interface TopicContent {
  hash: string
  said: string[]
}

const names: Record<string, RecordName> = {
  messages: 'Message',
  chunks: 'Chunk',
  translations: 'Translation',
  scored: 'Scored',
  ranked: 'Ranked',
}

/** Reads every topic of a pipeline, by its name without the pipeline's. */
export const topicsIn = async (folder: string): Promise<Map<string, TopicContent>> => {
  const opened = await openPipeline(join(folder, 'pipeline.yaml'), { env: process.env, create: false })
  const { log, codec, config } = opened
  const ours = `${config.pipeline}.`
  try {
    const found = new Map<string, TopicContent>()
    for (const [topic, partitions] of Object.entries(await log.topics())) {
      const name = topic.slice(ours.length)
      const record = names[name.split('.')[0]!]
      if (!topic.startsWith(ours) || !record) continue
      const hash = createHash('sha256')
      const said: string[] = []
      for (let partition = 0; partition < partitions; partition++) {
        for await (const records of log.scan(topic, partition, 0)) {
          await codec.prepare(records)
          for (const { offset, key, value, headers, timestamp } of records) {
            hash.update(JSON.stringify([partition, offset, key, headers, timestamp])).update(value)
            if (key === '') continue
            const body = JSON.stringify(codec.decode(record, value), (field, inner) =>
              field === 'attempts' ? undefined : inner,
            )
            said.push(`${key} ${headers.index}/${headers.count} ${body}`)
          }
        }
      }
      found.set(name, { hash: hash.digest('hex'), said: said.sort() })
    }
    return found
  } finally {
    await opened.close()
  }
}

/** Starts a run that follows its file; resolves when commands reach it, and before that none opens the folder beside it. */
export const startRun = async (folder: string): Promise<ReturnType<typeof startKalam>> => {
  const run = startKalam(folder, ['run', '--follow'])
  while (!existsSync(join(folder, '.kalam/socket')) && run.child.exitCode === null) await sleep(20)
  return run
}

/** The lines of `kalam status --json`. */
export interface StatusLine {
  stage: string
  line: string
  generation: number
  state: string
  waiting: number
}

/** What the status says of every line, with and without a run. */
export const statusLines = async (folder: string): Promise<StatusLine[]> => {
  const { out, code } = await kalam(folder, 'status', '--json')
  return code === 0 ? (JSON.parse(out) as { lines: StatusLine[] }).lines : []
}

/** Waits until every line of a run, the building ones too, has nothing waiting. */
export const untilIdle = async (folder: string, atLeast = 0): Promise<void> => {
  for (;;) {
    const lines = await statusLines(folder)
    if (lines.length > atLeast && lines.every(({ waiting }) => waiting === 0)) return
    await sleep(200)
  }
}

/** Rows of conversations of a few lines each, numbered from `from` on. */
export const talk = (count: number, from = 0): string =>
  Array.from({ length: count }, (_, i) => {
    const n = from + i
    const content = `Say ${n}.\nThen say it again, slowly.\nAnd once more: ${n}.`
    const messages = [
      { role: 'user', content },
      { role: 'assistant', content: `It is ${n}.\nAgain, ${n}.\nOnce more, ${n}.` },
    ]
    return `${JSON.stringify({ messages })}\n`
  }).join('')

/** Writes pipeline.yaml. */
export const writePipeline = (folder: string, yaml: string): void => writeFileSync(join(folder, 'pipeline.yaml'), yaml)
