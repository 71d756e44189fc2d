import { describe, expect, it } from 'vitest'
import { readStatement } from '../../../services/land/read-statement.ts'

const problem = (sql: string): string => {
  try {
    readStatement(sql)
    return ''
  } catch (thrown) {
    return (thrown as Error).message
  }
}

describe('readStatement', () => {
  it.each([
    ['SELECT 1', 'SELECT 1'],
    ['  SELECT 1 ; ', 'SELECT 1'],
    ['SELECT 1;;\n;', 'SELECT 1'],
    ['SELECT 1 -- and so on; DROP TABLE x', 'SELECT 1'],
    ['/* first; */ SELECT /* ; */ 1', 'SELECT   1'],
    ['# a note\nSELECT 1', 'SELECT 1'],
    ["SELECT 'a;b', 'it''s; \\' --', \"x;y\", `z;--`", "SELECT 'a;b', 'it''s; \\' --', \"x;y\", `z;--`"],
    ['SELECT $tag$ a; b $tag$', 'SELECT $tag$ a; b $tag$'],
    ['((SELECT 1) UNION ALL (SELECT 2))', '((SELECT 1) UNION ALL (SELECT 2))'],
    ['with x as (select 1) select * from x', 'with x as (select 1) select * from x'],
    ['SELECT 1 SETTINGS max_threads = 1', 'SELECT 1 SETTINGS max_threads = 1'],
    ["SELECT 'INTO OUTFILE', 'x FORMAT CSV'", "SELECT 'INTO OUTFILE', 'x FORMAT CSV'"],
    ['DESCRIBE v_ranked', 'DESCRIBE v_ranked'],
    ['SHOW TABLES', 'SHOW TABLES'],
  ])('takes one that reads: %s', (sql, statement) => {
    expect(readStatement(sql)).toBe(statement)
  })

  it.each([
    ['', 'there is no statement'],
    [' ; -- nothing', 'there is no statement'],
    ['SELECT 1; SELECT 2', 'there are 2 statements'],
    ['SELECT 1; DROP TABLE messages', 'there are 2 statements'],
    ['INSERT INTO messages VALUES (1)', 'begins with INSERT'],
    ['drop table messages', 'begins with DROP'],
    ['/* SELECT */ ALTER TABLE messages DELETE WHERE 1', 'begins with ALTER'],
    ['SET readonly = 0', 'begins with SET'],
    ['KILL QUERY WHERE 1', 'begins with KILL'],
    ['SYSTEM FLUSH LOGS', 'begins with SYSTEM'],
    ["'x'", 'begins with "\'x\'"'],
    ["SELECT 1 INTO  OUTFILE '/tmp/x'", 'writes a file'],
    ['SELECT 1 format TSV', 'own FORMAT TSV'],
    ['SELECT 1 FORMAT Pretty SETTINGS max_threads = 1;', 'own FORMAT Pretty'],
  ])('refuses %j', (sql, fact) => {
    expect(problem(sql)).toContain(fact)
  })

  it('is linear in what is not ended', () => {
    const began = performance.now()
    for (const opening of ["'", "''", '/*', '$a$', '`', "'\\", '--\n', '# ', '"'])
      expect(problem(`x ${opening.repeat(200_000)}`)).not.toBe('')
    expect(performance.now() - began).toBeLessThan(2000)
  })
})
