import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { KalamError } from '../error.ts'
import type { SchemaRegistry } from '../schema-registry.ts'

interface Entry {
  id: number
  subject: string
  schema: string
}

/** A registry in one JSON file of the state folder, for pipelines without a registry service. */
export const localRegistry = (options: { file: string }): SchemaRegistry => {
  const entries: Entry[] = existsSync(options.file) ? JSON.parse(readFileSync(options.file, 'utf8')) : []
  return {
    async register(subject, schema) {
      const known = entries.find((entry) => entry.subject === subject && entry.schema === schema)
      if (known) return known.id
      const id = entries.length + 1
      entries.push({ id, subject, schema })
      mkdirSync(dirname(options.file), { recursive: true })
      writeFileSync(`${options.file}.new`, JSON.stringify(entries))
      renameSync(`${options.file}.new`, options.file)
      return id
    },
    async schemaText(id) {
      const entry = entries.find((candidate) => candidate.id === id)
      if (!entry) throw new KalamError('undecodable', `decoding a record: schema ${id} is not in ${options.file}`)
      return entry.schema
    },
  }
}
