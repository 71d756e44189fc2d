import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { tablesOf } from '../../services/drop-generation.ts'
import { schemaStatements } from '../../services/land/schema.ts'
import { read } from '../repository/files.ts'
import { root, startProcess, workFolder } from '../system/kalam.ts'

const sql = read('deploy/clickhouse/users.sql').replaceAll(/^--.*\n/gm, '')
const statements = sql
  .split(';')
  .map((statement) => statement.trim())
  .filter((statement) => statement !== '')
const grantsOf = (user: string) =>
  statements
    .filter((statement) => statement.startsWith('GRANT') && statement.endsWith(` TO ${user}`))
    .map((statement) => statement.slice(0, -` TO ${user}`.length))

const folder = workFolder()
afterAll(() => folder.remove())

/** Runs statements in the engine of a ClickHouse server as a user who has the grants; answers are texts, or the error's name. */
const asUser = async (grants: string[], asked: string[]): Promise<string[]> => {
  writeFileSync(
    join(folder.path, 'users.xml'),
    `<clickhouse><profiles><default/></profiles><quotas><default/></quotas><users><default><password/>
<networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
<grants>${grants.map((grant) => `<query>${grant}</query>`).join('')}</grants></default></users></clickhouse>`,
  )
  writeFileSync(
    join(folder.path, 'config.xml'),
    `<clickhouse><users_config>${join(folder.path, 'users.xml')}</users_config></clickhouse>`,
  )
  writeFileSync(join(folder.path, 'asked.json'), JSON.stringify(asked))
  const { code, out, err } = await startProcess([join(root, 'test/deploy/ask-chdb.ts'), folder.path], root, {
    NODE_OPTIONS: '--import tsx',
  }).ended
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' })
  return JSON.parse(out) as string[]
}

describe('the users of the warehouse', () => {
  it('are made by statements that ClickHouse can read', async () => {
    const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
    const answers = await asUser(
      ['GRANT SELECT ON *.*'],
      statements.map((statement) => `SELECT length(formatQuery(${quoted(statement)})) > 0`),
    )
    expect(statements.length).toBeGreaterThan(7)
    expect(answers).toEqual(statements.map(() => '1'))
  })

  it('let kalam make its schema twice, write, ask and drop generations, and not delete, drop or look elsewhere', async () => {
    const schema = schemaStatements()
    const dropped = Object.values(tablesOf).flat()
    const drops = dropped.map((table) => `ALTER TABLE ${table} DROP PARTITION ('some', 1)`)
    const allowed = [
      ...schema,
      ...schema,
      "INSERT INTO owners (pipeline, id, offset) VALUES ('some', 'x', 1)",
      'SELECT count() FROM v_ranked',
      "SELECT name FROM system.databases WHERE name = 'kalam'",
      "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = 'owners'",
      ...drops,
    ]
    const forbidden = [
      'ALTER TABLE messages DELETE WHERE 1',
      "ALTER TABLE judgments DROP PARTITION ID 'all'",
      'DROP TABLE ranked',
      'TRUNCATE TABLE owners',
      'ALTER TABLE owners DELETE WHERE 1',
      'CREATE DATABASE other',
      "SELECT * FROM url('http://127.0.0.1:1/')",
      "SELECT * FROM file('x')",
    ]
    const answers = await asUser(grantsOf('kalam'), [...allowed, ...forbidden])
    expect(answers.slice(0, schema.length * 2).filter((answer) => answer !== '')).toEqual([])
    expect(answers.slice(schema.length * 2, allowed.length)).toEqual([
      ...['', '0', 'kalam', '1'],
      ...drops.map(() => ''),
    ])
    expect(answers.slice(allowed.length)).toEqual(forbidden.map(() => 'ACCESS_DENIED'))
  })

  it('let readers read, and nothing else', async () => {
    const answers = await asUser(grantsOf('kalam_reader'), [
      'SELECT count() FROM v_conversations',
      'SELECT id FROM owners',
      "INSERT INTO owners (pipeline) VALUES ('other')",
      'DROP VIEW v_ranked',
      "SELECT * FROM url('http://127.0.0.1:1/')",
    ])
    expect(answers).toEqual(['0', 'x', 'ACCESS_DENIED', 'ACCESS_DENIED', 'ACCESS_DENIED'])
  })
})
