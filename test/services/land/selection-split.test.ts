import { expect, it } from 'vitest'
import { views } from '../../../services/land/schema.ts'
import { kalam, workFolder } from '../../system/kalam.ts'

const row = (content: string, split?: string) =>
  JSON.stringify({ messages: [{ role: 'user', content }], ...(split !== undefined && { split }) })

it('v_selection has the split of the file, and counts its rows of other splits', async () => {
  const folder = workFolder({
    'pipeline.yaml': `
pipeline: selection
sources: [{ name: chat, path: train.jsonl }]
chunkings: { lines: { by: lines } }
translators: { p: { backend: pseudo, chunking: lines } }
rankings: { release: { candidates: [p] } }
`,
    'train.jsonl': [row('One', 'alpha'), row('Two', 'beta'), row('Three', 'beta'), row('Four')].join('\n'),
  })
  const csv = async (query: string) => (await kalam(folder.path, 'sql', '--format', 'csv', query)).out
  try {
    expect((await kalam(folder.path, 'run')).code).toBe(0)
    expect(await csv('SELECT split, file, rows, selected FROM v_selection')).toBe(
      'split,file,rows,selected\ntrain,train.jsonl,4,4\n',
    )
    expect(await csv('SELECT split, count() AS n FROM v_conversations GROUP BY split ORDER BY split')).toBe(
      'split,n\nalpha,1\nbeta,2\ntrain,1\n',
    )
  } finally {
    folder.remove()
  }
}, 300_000)

it('the page of all columns says so of v_selection alone', () => {
  const meanings = views.flatMap(({ name, columns }) =>
    columns.flatMap(([column, , meaning]) => (column === 'split' ? [[name, meaning]] : [])),
  )
  expect(meanings.length).toBeGreaterThan(8)
  for (const [name, meaning] of meanings)
    expect(meaning, name).toMatch(name === 'v_selection' ? /^Split of the file, .*another/ : /^Split of the source$/)
})
