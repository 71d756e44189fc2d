import { expect, it } from 'vitest'
import { schemaDifference } from '../../../dataflow/kafka/schema-difference.ts'

const record = (...fields: object[]) => JSON.stringify({ type: 'record', name: 'Message', namespace: 'test', fields })
const id = { name: 'id', type: 'string' }

it('names the fields of a schema that went, came and changed', () => {
  const before = record(id, { name: 'old', type: 'int' }, { name: 'count', type: 'int' })
  const after = record(id, { name: 'count', type: 'string' }, { name: 'must', type: 'int' })
  expect(schemaDifference(before, after)).toEqual([
    'old is gone',
    'count was "int" and is "string"',
    'must is new and has no default',
  ])
})

it('knows a default of null', () => {
  const after = record(id, { name: 'note', type: ['null', 'string'], default: null })
  expect(schemaDifference(record(id), after)).toEqual(['note is new'])
})

it('passes over what does not change the bytes of a schema', () => {
  const inner = (name: string, doc: string) => ({ type: 'record', name, doc, fields: [{ ...id, default: doc }] })
  const before = record({ name: 'parts', type: { type: 'array', items: inner('test.Part', 'a') } })
  const after = record({ name: 'parts', type: { type: 'array', items: inner('Part', 'b') }, doc: 'more' })
  expect(schemaDifference(before, after)).toEqual([])
})

it('sees a change inside a schema of a field', () => {
  const list = (items: string) => record({ name: 'parts', type: { type: 'array', items } })
  expect(schemaDifference(list('int'), list('long'))).toHaveLength(1)
  const kind = (...symbols: string[]) => record({ name: 'kind', type: { type: 'enum', name: 'Kind', symbols } })
  expect(schemaDifference(kind('a', 'b'), kind('a'))).toHaveLength(1)
  const hash = (size: number) => record({ name: 'hash', type: { type: 'fixed', name: 'Hash', size } })
  expect(schemaDifference(hash(16), hash(32))).toHaveLength(1)
})
