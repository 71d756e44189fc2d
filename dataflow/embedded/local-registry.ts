import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { KalamError, messageOf } from '../error.ts'
import type { SchemaRegistry } from '../schema-registry.ts'

interface Entry {
  id: number
  subject: string
  schema: string
}

/** A registry in one JSON file of the state folder, for pipelines without a registry service. */
export const localRegistry = (options: { file: string }): SchemaRegistry => {
  const entries = existsSync(options.file) ? readEntries(options.file) : []
  return {
    async register(subject, schema) {
      const known = entries.find((entry) => entry.subject === subject && entry.schema === schema)
      if (known) return known.id
      const id = entries.length + 1
      writeEntries(options.file, [...entries, { id, subject, schema }])
      entries.push({ id, subject, schema })
      return id
    },
    async schemaText(id) {
      const entry = entries.find((candidate) => candidate.id === id)
      if (!entry) throw new KalamError('undecodable', `decoding a record: schema ${id} is not in ${options.file}`)
      return entry.schema
    },
  }
}

const readEntries = (file: string): Entry[] => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Entry[]
  } catch (thrown) {
    throw new KalamError('log_broken', `reading the schemas in ${file}: ${messageOf(thrown)}`, { cause: thrown })
  }
}

/** On disk before anyone writes a record with these ids: the log's own writes are, too. */
const writeEntries = (file: string, entries: Entry[]): void => {
  mkdirSync(dirname(file), { recursive: true })
  const handle = openSync(`${file}.new`, 'w')
  try {
    writeFileSync(handle, JSON.stringify(entries))
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(`${file}.new`, file)
}
