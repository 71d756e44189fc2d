import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { embeddedLog } from '../../dataflow/embedded/embedded-log.ts'
import type { Fault } from '../fake-openai/faults.ts'
import { selfSigned } from '../fake-openai/self-signed.ts'
import { type FakeCall, fakeOpenai } from '../fake-openai/server.ts'
import { kalamHere } from './here.ts'
import { type Ended, startKalam, workFolder } from './kalam.ts'

const key = 'sk-first-0123456789'
const rows = 6
const rowsFrom = (first: number, topic: string): string =>
  Array.from({ length: rows }, (_, i) => {
    const messages = [
      { role: 'user', content: `Tell me about ${topic} number ${first + i}.` },
      { role: 'assistant', content: `It is the ${topic} with ${i} names, and it is old.` },
    ]
    return `${JSON.stringify({ messages })}\n`
  }).join('')

const sound = `pipeline: first
partitions: 2
sources: [{ name: chat, path: rows.jsonl, split: train }]
chunkings: { lines25: { by: lines } }
translators:
  model: { backend: openai, url: $MODEL_URL, key: $MODEL_KEY, model: fake, chunking: lines25 }
rankings: { release: { candidates: [model] } }
`
const page = '<!DOCTYPE html><html><head><title>Welcome</title></head></html>'

/** A server with one model below /v1 and, as servers have, pages beside it. */
const answersOf = ({ path, body }: FakeCall): Fault | undefined => {
  if (path.startsWith('/site')) return { kind: 'garbage', text: page, type: 'text/html' }
  if (!path.startsWith('/v1')) return { kind: 'status', status: 404, body: page }
  if (body.model === 'costless')
    return { kind: 'body', body: { choices: [{ message: { content: 'مرحبا' }, finish_reason: 'stop' }] } }
  const message = `The model \`${body.model}\` does not exist.`
  return body.model === 'fake' ? undefined : { kind: 'status', status: 404, body: { error: { message } } }
}

interface Mistake {
  name: string
  edit?: [from: string, to: string]
  env?: Record<string, string>
  /** How the message begins. */
  error: RegExp
  /** What it tells to look at. */
  names: string[]
  /** Calls that the server may have got: the greeting, or none. */
  calls: 0 | 1
}

describe('a first run', { timeout: 120_000 }, () => {
  const folder = workFolder({ 'pipeline.yaml': sound, 'rows.jsonl': rowsFrom(0, 'river') })
  const file = join(folder.path, 'pipeline.yaml')
  const stranger = createServer(selfSigned, (_, response) => response.end('{}'))
  let server: Awaited<ReturnType<typeof fakeOpenai>>
  let env: Record<string, string>
  let mistakes: Mistake[]

  beforeAll(async () => {
    server = await fakeOpenai({ key, fault: answersOf })
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
    env = { MODEL_URL: server.url, MODEL_KEY: key }
    const site = server.url.replace(/\/v1$/, '')
    const address = stranger.address()
    const safe = `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v1`
    const url = ['translators.model.url', 'MODEL_URL']
    mistakes = [
      {
        name: 'a missing key',
        env: { MODEL_KEY: '' },
        error: /missing_setting/,
        names: ['translators.model.key: the variable MODEL_KEY is not set', 'Set MODEL_KEY'],
        calls: 0,
      },
      {
        name: 'a key in the place of the URL',
        env: { MODEL_URL: key },
        error: /config_invalid/,
        names: [...url, 'is no URL'],
        calls: 0,
      },
      {
        name: 'samples that are all the same',
        edit: ['model: fake', 'model: fake, samples: 2'],
        error: /config_invalid/,
        names: ['translators.model.samples', 'temperature 0'],
        calls: 0,
      },
      {
        name: 'a missing tokenizer file',
        edit: ['by: lines', 'by: lines, tokenizer: none/tokenizer.json'],
        error: /config_invalid/,
        names: ['chunkings.lines25.tokenizer: there is no '],
        calls: 0,
      },
      {
        name: 'a tokenizer file that is none',
        edit: ['by: lines', 'by: lines, tokenizer: rows.jsonl'],
        error: /config_invalid: loading the tokenizer rows\.jsonl/,
        names: ['chunkings.lines25.tokenizer'],
        calls: 0,
      },
      {
        name: 'no server at the URL',
        env: { MODEL_URL: 'http://127.0.0.1:1/v1' },
        error: /backend_unreachable: .*ECONNREFUSED/,
        names: url,
        calls: 0,
      },
      {
        name: 'a path where no API is',
        env: { MODEL_URL: `${site}/api` },
        error: /backend_refused: .*404: a page of HTML, "Welcome"/,
        names: url,
        calls: 1,
      },
      {
        name: 'a server that answers with pages',
        env: { MODEL_URL: `${site}/site` },
        error: /server_error: .* a page of HTML/,
        names: url,
        calls: 1,
      },
      {
        name: 'a certificate that nobody vouches for',
        env: { MODEL_URL: safe },
        error: /backend_unreachable: .*certificate/,
        names: [...url, 'NODE_EXTRA_CA_CERTS'],
        calls: 0,
      },
      {
        name: 'https where http is spoken',
        env: { MODEL_URL: server.url.replace('http', 'https') },
        error: /backend_unreachable: .*no safe connection/,
        names: url,
        calls: 0,
      },
      {
        name: 'a wrong key',
        env: { MODEL_KEY: 'sk-false-0123456789' },
        error: /backend_refused: .*401/,
        names: ['translators.model.key', 'MODEL_KEY'],
        calls: 1,
      },
      {
        name: 'no key',
        edit: ['key: $MODEL_KEY, ', ''],
        error: /backend_refused: .*401/,
        names: ['translators.model.key', 'it names no variable'],
        calls: 1,
      },
      {
        name: 'a wrong model',
        edit: ['model: fake', 'model: faker'],
        error: /backend_refused: .*404/,
        names: ['translators.model.model', 'faker'],
        calls: 1,
      },
      {
        name: 'a budget in dollars where nobody tells what a call costs',
        edit: ['model: fake', 'model: costless, budget: { usd: 1 }'],
        error: /config_invalid: .*budget\.usd has nothing to count/,
        names: ['Set translators.model.price'],
        calls: 1,
      },
      {
        name: 'the same with the greeting in the memory',
        edit: ['model: fake', 'model: costless, budget: { usd: 1 }'],
        error: /config_invalid: .*budget\.usd has nothing to count/,
        names: ['Set translators.model.price'],
        calls: 0,
      },
    ]
  })
  afterAll(async () => {
    await server.close()
    stranger.close()
    folder.remove()
  })

  /** Records of all topics but the control topic. */
  const records = async (): Promise<number> => {
    if (!existsSync(join(folder.path, '.kalam/log'))) return 0
    const log = embeddedLog({ folder: join(folder.path, '.kalam/log') })
    let count = 0
    for (const topic of Object.keys(await log.topics()))
      if (!topic.endsWith('.control')) for (const end of await log.ends(topic)) count += end
    await log.close()
    return count
  }
  const expectOneMessage = ({ code, out, err }: Ended, { error, names }: Mistake) => {
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(error)
    for (const name of names) expect(err).toContain(name)
    expect(err.match(/^error /gm)).toHaveLength(1)
    expect(err).not.toMatch(/\n\s+at |sk-first|sk-false/)
  }

  it('says of every mistake what to mend before it takes anything in, and the mended one goes to its end', async () => {
    for (const mistake of mistakes) {
      writeFileSync(file, mistake.edit ? sound.replace(...mistake.edit) : sound)
      const before = server.stats.calls
      const ended = await kalamHere(file, { ...env, ...mistake.env })('run')
      expectOneMessage(ended, mistake)
      expect([mistake.name, server.stats.calls - before]).toEqual([mistake.name, mistake.calls])
      expect([mistake.name, await records()]).toEqual([mistake.name, 0])
    }
    writeFileSync(file, sound)
    const { out: planned } = await kalamHere(file, env)('plan')
    expect(planned).toMatch(/^ingest +\w+ +new /)
    expect(planned).toContain('\nNothing was built yet.\n')
    const tried = await kalamHere(file, { ...env, MODEL_KEY: 'sk-false-0123456789' })('try', 'model', 'How are you?')
    expect([tried.code, tried.err]).toEqual([1, expect.stringContaining('translators.model.key in pipeline.yaml')])
    const before = server.stats.calls
    const mended = await startKalam(folder.path, ['run', '--strict'], env).ended
    expect(mended.code, mended.err).toBe(0)
    expect(mended.out).toContain(`${rows} read: ${rows} came in, 0 bad`)
    expect(server.stats.calls - before).toBe(1 + rows * 2)
    // What was done can be asked without the key, the server and the rows.
    rmSync(join(folder.path, 'rows.jsonl'))
    const withoutKey = kalamHere(file, { MODEL_URL: server.url })
    const asking = ['status', 'report', 'export', 'verify', 'memory stats', 'generations list', 'dead-letters list']
    for (const command of asking) expect([command, (await withoutKey(command)).code]).toEqual([command, 0])
    expect(await withoutKey('sql', 'SELECT 1')).toMatchObject({ code: 0, err: '' })
    const again = await withoutKey('run')
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('the variable MODEL_KEY is not set')])
  })
})
