import { expect, it } from 'vitest'
import { kalam, workFolder } from '../system/kalam.ts'

it('of an embedded log are made by a run, and the command says so', async () => {
  const folder = workFolder({
    'data.jsonl': '',
    'pipeline.yaml': `
pipeline: none
sources: [{ name: talk, path: data.jsonl }]
chunkings: { all: { by: tokens } }
translators: { a: { backend: pseudo, chunking: all } }
rankings: { release: { candidates: [a] } }
`,
  })
  for (const command of ['create', 'check']) {
    const { code, err } = await kalam(folder.path, 'topics', command)
    expect(code).toBe(2)
    expect(err).toContain('its log is embedded')
    expect(err).toContain('kalam run makes topics')
  }
  folder.remove()
})
