import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { avroCodec, type Codec } from '../../../dataflow/codec.ts'
import { readControl } from '../../../dataflow/control.ts'
import { embeddedLog } from '../../../dataflow/embedded/embedded-log.ts'
import { localRegistry } from '../../../dataflow/embedded/local-registry.ts'
import type { Log, LogRecord, OutputRecord } from '../../../dataflow/log.ts'
import { parsePipeline } from '../../../services/load-config.ts'
import { groupName } from '../../../services/topics.ts'
import { verifyTopics } from '../../../services/verify/verify-topics.ts'
import { kalam, workFolder } from '../../system/kalam.ts'

const yaml = `
pipeline: checked
partitions: 1
sources: [{ name: talk, path: data.jsonl }]
chunkings: { all: { by: tokens } }
translators: { fake: { backend: pseudo, chunking: all } }
rankings: { release: { candidates: [fake] } }
`
const rows = ['one', 'two', 'three'].map((word) => ({
  messages: [
    { role: 'user', content: `Say ${word}` },
    { role: 'assistant', content: word },
  ],
}))

describe('verify', () => {
  const folder = workFolder({
    'pipeline.yaml': yaml,
    'data.jsonl': rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
  })
  let copies = 0
  beforeAll(async () => {
    const { code, err } = await kalam(folder.path, 'run')
    expect(code, err).toBe(0)
  })
  afterAll(() => folder.remove())

  /** What verify finds broken in a copy of the topics to which `forge` has done something. */
  const brokenAfter = async (forge: (log: Log, codec: Codec) => Promise<void>, settled = true): Promise<string[]> => {
    const state = join(folder.path, `copy-${copies++}`)
    cpSync(join(folder.path, '.kalam'), state, { recursive: true })
    const log = embeddedLog({ folder: join(state, 'log') })
    try {
      const codec = await avroCodec(localRegistry({ file: join(state, 'schemas.json') }))
      await forge(log, codec)
      const config = parsePipeline(yaml, 'pipeline.yaml')
      const control = (await readControl(log, codec, 'checked.control'))!
      const checks = await verifyTopics({ log, codec, config, control, settled })
      expect(checks.every(({ looked }) => looked > 0)).toBe(true)
      return checks.flatMap(({ broken }) => broken)
    } finally {
      await log.close()
    }
  }
  const recordsOf = async (log: Log, topic: string): Promise<LogRecord[]> => {
    const all: LogRecord[] = []
    for await (const records of log.scan(topic, 0, 0)) all.push(...records)
    return all
  }
  const append = async (log: Log, topic: string, records: Omit<LogRecord, 'offset'>[]): Promise<void> => {
    const writer = await log.writer('forger')
    await writer.commit(records.map((record): OutputRecord => ({ ...record, topic, partition: 0 })))
    await writer.close()
  }
  const conversation = (id: string, count: number, written: number) =>
    Array.from({ length: written }, (_, index) => ({
      key: id,
      value: new Uint8Array(),
      headers: { index: String(index), count: String(count) },
      timestamp: 0,
    }))

  it('finds nothing broken in what a run leaves', async () => {
    expect(await brokenAfter(async () => undefined)).toEqual([])
  })

  it('finds records that were written twice', async () => {
    const broken = await brokenAfter(async (log) => {
      const records = await recordsOf(log, 'checked.translations.fake')
      await append(log, 'checked.translations.fake', records.slice(0, 2))
    })
    expect(broken.join('\n')).toMatch(
      /translations\.fake, partition 0, offset \d+: talk\/data\/0 0, ordinal 1 behind 5/,
    )
    expect(broken.join('\n')).toMatch(/translations\.fake: talk\/data\/0: nothing it could be made of/)
  })

  it('finds a conversation that is cut off and one that came in twice', async () => {
    const broken = await brokenAfter(async (log) => {
      await append(log, 'checked.messages', [
        ...conversation('talk/data/0', 1, 1),
        ...conversation('talk/data/9', 3, 2),
      ])
    })
    expect(broken.join('\n')).toContain('talk/data/0 came in twice')
    expect(broken.join('\n')).toContain('talk/data/9 ends after 2 of 3 records')
  })

  it('finds what a line passed over, and leaves out what is on its way', async () => {
    const passOver = async (log: Log) => {
      await append(log, 'checked.messages', conversation('talk/data/9', 1, 1))
      const end = (await log.ends('checked.messages'))[0]!
      const group = groupName('checked', 'chunk', 'all', 1)
      const member = await log.join({
        group,
        inputs: ['checked.messages'],
        work: (task) => task.commit([], { 'checked.messages': end }),
      })
      await member.done
    }
    const broken = await brokenAfter(passOver)
    expect(broken).toContain('checked.chunks.all: talk/data/9 is missing')
    expect(broken).toContain('checked.ranked.release: talk/data/9 is missing')
    expect(broken).toContain('3 selected, 4 conversations')
    expect(await brokenAfter(passOver, false)).toEqual([])
  })

  it('finds a conversation whose last chunk is on its way broken only where all is through', async () => {
    const begin = async (log: Log) => {
      const ordinal = { ordinal: '99' }
      const [first] = conversation('talk/data/9', 2, 1)
      await append(log, 'checked.translations.fake', [{ ...first!, headers: { ...first!.headers, ...ordinal } }])
    }
    expect((await brokenAfter(begin)).join('\n')).toContain('talk/data/9 ends after 1 of 2 records')
    expect(await brokenAfter(begin, false)).toEqual([])
  })

  it('finds a chunk without an end of its own and a translation without text', async () => {
    const broken = await brokenAfter(async (log, codec) => {
      const [chunk, second] = (await recordsOf(log, 'checked.chunks.all')).slice(-2)
      const [translation] = (await recordsOf(log, 'checked.translations.fake')).slice(-2)
      const ordinal = { ordinal: '99', index: '0', count: '1' }
      const later = (record: LogRecord, number: number) => ({
        ...record,
        headers: { ...ordinal, ordinal: String(number) },
      })
      await append(log, 'checked.chunks.all', [later(chunk!, 98), later(second!, 99)])
      const empty = { ...codec.decode('Translation', translation!.value), target_text: ' ' }
      await append(log, 'checked.translations.fake', [
        { ...later(translation!, 98), value: codec.encode('Translation', empty) },
        later(translation!, 99),
      ])
    })
    expect(broken.filter((where) => where === 'checked.translations.fake: talk/data/2')).toHaveLength(2)
  })

  it('ends with 1 and says where, when the command is given', async () => {
    const log = embeddedLog({ folder: join(folder.path, '.kalam/log') })
    const ranked = await recordsOf(log, 'checked.ranked.release')
    await append(log, 'checked.ranked.release', ranked.slice(0, 1))
    await log.close()
    const { code, out } = await kalam(folder.path, 'verify')
    expect(code).toBe(1)
    expect(out).toMatch(
      /BROKEN {2}ordinals rise.*\n +checked\.ranked\.release, partition 0, offset 3: talk\/data\/0 0, ordinal 1 behind 5/,
    )
    expect(out).toContain('ok      tables hold what topics hold')
    expect(out).toContain('1 records are still on their way')
  })
})
