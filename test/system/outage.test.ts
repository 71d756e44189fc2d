import { once } from 'node:events'
import { expect, it } from 'vitest'
import { fakeOpenai } from '../fake-openai/server.ts'
import { kalam, startKalam, workFolder } from './kalam.ts'

it('says why a run waits while its server is away, and goes on by itself', async () => {
  const server = await fakeOpenai()
  const rows = Array.from({ length: 30 }, (_, i) => ({ messages: [{ role: 'user', content: `Say number ${i}` }] }))
  const here = workFolder({
    'data.jsonl': rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    'pipeline.yaml': `
pipeline: outage
sources: [{ name: talk, path: data.jsonl }]
chunkings: { all: { by: tokens } }
translators: { model: { backend: openai, url: "${server.url}", model: m, chunking: all } }
rankings: { release: { candidates: [model] } }
`,
  })
  server.setDown(true)
  const run = startKalam(here.path, ['run'])
  // How many calls find it away before they wait depends on the machine.
  await once(run.child.stderr!, 'data')
  server.setDown(false)
  const { code, out, err } = await run.ended
  expect(code, err).toBe(0)
  expect(err).toMatch(
    /^model waits, server_error: translating talk\/data\/\d+#0 with model: .*503.*; nothing failed, it goes on by itself\n$/,
  )
  expect(out).toContain('30: translated 30, kept as is 0, failed 0, holes 0')
  expect((await kalam(here.path, 'verify')).code).toBe(0)
  await server.close()
  here.remove()
})
