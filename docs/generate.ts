/** Writes `docs/pipeline.md` and `docs/pipeline.schema.json` from the schema in `services/config.ts`, and the tables of `docs/sql.md`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { pipelinePage, pipelineSchemaText } from './pipeline-page.ts'
import { sqlPage, withTables } from './sql-page.ts'

const folder = new URL('./', import.meta.url)
writeFileSync(new URL('pipeline.md', folder), pipelinePage())
writeFileSync(new URL('pipeline.schema.json', folder), pipelineSchemaText())
writeFileSync(sqlPage, withTables(readFileSync(sqlPage, 'utf8')))
