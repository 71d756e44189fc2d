/** Writes `docs/pipeline.md` and `docs/pipeline.schema.json` from the schema in `services/config.ts`, `docs/metrics.md`, and the tables of `docs/sql.md`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { metricsPage } from './metrics-page.ts'
import { pipelinePage, pipelineSchemaText } from './pipeline-page.ts'
import { sqlPage, withTables } from './sql-page.ts'

const folder = new URL('./', import.meta.url)
writeFileSync(new URL('pipeline.md', folder), pipelinePage())
writeFileSync(new URL('pipeline.schema.json', folder), pipelineSchemaText())
writeFileSync(new URL('metrics.md', folder), metricsPage())
writeFileSync(sqlPage, withTables(readFileSync(sqlPage, 'utf8')))
