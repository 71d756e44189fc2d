import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sqlPage, withTables } from '../../docs/sql-page.ts'
import { readStatement } from '../../services/land/read-statement.ts'
import { views } from '../../services/land/schema.ts'
import { answers } from './answers.ts'
import { landedAgain } from './landed-again.ts'
import { type SmallRun, smallRun } from './small-run.ts'

const page = readFileSync(sqlPage, 'utf8')
/** Question, how to read the answer, and query of every sql block. */
const questions = [...page.matchAll(/^#### (.+\?)\n\n([^\n]+)\n\n```sql\n([^`]+)```$/gm)].map(
  ([, question = '', reading = '', query = '']) => ({ question, reading, query }),
)

const floats = (value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(9)) : value
const comparable = (rows: Record<string, unknown>[]): Record<string, unknown>[] =>
  rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, floats(value)])))

describe('docs/sql.md', () => {
  it('has its tables as services/land defines them', () => {
    expect(withTables(page)).toBe(page)
  })

  it('asks at least twenty questions, each once, with how to read it', () => {
    expect(questions.length).toBeGreaterThanOrEqual(20)
    expect(questions).toHaveLength(page.match(/^```sql$/gm)!.length)
    expect(new Set(questions.map(({ question }) => question)).size).toBe(questions.length)
    for (const { question, reading } of questions) expect(reading, question).toMatch(/[.]$/)
  })

  it.each(questions)('reads only views: $question', ({ query }) => {
    expect(readStatement(query)).not.toBe('')
    const own = [...query.matchAll(/(\w+) AS \(SELECT/g)].map(([, name]) => name)
    const read = [...query.matchAll(/\b(?:FROM|JOIN) (\w+)/g)].map(([, name]) => name!)
    expect(read).not.toHaveLength(0)
    for (const name of read) expect([...views.map((view) => view.name), ...own]).toContain(name)
  })

  describe('over a small run', () => {
    let run: SmallRun
    const batches = new Set<number>()
    beforeAll(async () => {
      run = await smallRun()
    })
    afterAll(() => run.close())

    it.each(questions.filter(({ question }) => question in answers))(
      'is answered as the topics have it: $question',
      async ({ question, query }) => {
        const expected = answers[question]!(run)
        const names = Object.keys(expected[0] ?? {})
        const rows = await run.workspace.warehouse.query(readStatement(query))
        expect(expected).not.toHaveLength(0)
        expect(comparable(rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name]]))))).toEqual(
          comparable(expected),
        )
      },
    )

    it('tells of the run itself', async () => {
      const { query } = questions.find(({ question }) => question === 'What was run, and when?')!
      const rows = await run.workspace.warehouse.query(readStatement(query))
      expect(rows).toEqual([expect.objectContaining({ outcome: 'done', version: expect.any(String) })])
      expect(rows[0]!.seconds).toBeLessThan(60)
    })

    it('leaves no question unchecked', () => {
      const checked = [...Object.keys(answers), 'What was run, and when?']
      expect(checked.toSorted()).toEqual(questions.map(({ question }) => question).toSorted())
    })

    it.each([1, 700, 5000])('has the same answers when it lands anew by reads of %i bytes', async (readBytes) => {
      const again = await landedAgain(run.workspace, readBytes)
      try {
        for (const { question, query } of questions) {
          const [here, there] = await Promise.all(
            [run.workspace.warehouse, again.warehouse].map((warehouse) => warehouse.query(readStatement(query))),
          )
          expect(comparable(there!), question).toEqual(comparable(here!))
        }
        batches.add(again.batches)
      } finally {
        await again.close()
      }
    })

    it('landed in other batches each time', () => {
      expect(batches.size).toBe(3)
    })

    it('has the columns that each view has', async () => {
      for (const { name, columns } of views) {
        const found = await run.workspace.warehouse.query<{ name: string; type: string }>(`DESCRIBE ${name}`)
        expect(
          found.map((column) => [column.name, column.type]),
          name,
        ).toEqual(columns.map(([column, type]) => [column, type]))
      }
    })
  })
})
