import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectSaved } from '../../../services/report/collect-saved.ts'
import { reportMarkdown } from '../../../services/report/markdown/report-markdown.ts'
import { type OpenedForTest, warehouses } from '../land/warehouses.ts'
import { exampleLine, exampleReport } from './example-report.ts'
import { configOf, land } from './landed.ts'

describe.each(warehouses)('conversations saved, in %s', (_name, open) => {
  let opened: OpenedForTest
  beforeAll(async () => {
    opened = await open()
    const candidate = (row: string, line: string, given: Record<string, boolean> = {}) => ({
      ...{ row, line, in_line: true, complete: true, pseudo: false },
      ...given,
    })
    await land(opened.warehouse, { table: 'candidates', stage: 'score' }, [
      candidate('0', 'a', { complete: false }),
      candidate('0', 'b'),
      candidate('0', 'c'),
      candidate('1', 'a', { complete: false }),
      candidate('1', 'b', { complete: false }),
      candidate('1', 'c'),
      // Letters for letters save nothing, nor does a line that is named no more, nor one that leaves it out.
      candidate('2', 'a', { complete: false }),
      candidate('2', 'b', { pseudo: true }),
      candidate('2', 'c', { in_line: false }),
      candidate('2', 'old'),
      candidate('3', 'old', { complete: false }),
      candidate('3', 'a'),
    ])
  })
  afterAll(() => opened.close())

  it('are counted once each, and by pairs of the lines that pipeline.yaml names', async () => {
    expect(await collectSaved(opened.warehouse, configOf(['a', 'b', 'c']))).toEqual({
      saved: [
        { lost: 'a', by: 'b', count: 1 },
        { lost: 'a', by: 'c', count: 2 },
        { lost: 'b', by: 'c', count: 1 },
      ],
      savedConversations: 2,
    })
  })

  it('are none where only one line is named', async () => {
    expect(await collectSaved(opened.warehouse, configOf(['a']))).toEqual({ saved: [], savedConversations: 0 })
  })
})

it('says how many conversations were saved, not how many pairs of lines', () => {
  const markdown = reportMarkdown(
    exampleReport({
      lines: [exampleLine({ line: 'a' }), exampleLine({ line: 'b' }), exampleLine({ line: 'c' })],
      saved: [
        { lost: 'a', by: 'b', count: 1 },
        { lost: 'a', by: 'c', count: 1 },
      ],
      savedConversations: 1,
    }),
  )
  expect(markdown).toContain('- 1 conversation that one line lost came whole from another.')
  expect(markdown).toContain('| **Each counted once** |')
})
