import { randomUUID } from 'node:crypto'
import { KalamError } from '../../dataflow/error.ts'
import type { PipelineConfig } from '../config.ts'
import { chdbWarehouse } from './chdb-warehouse.ts'
import { createDatabase, serverOf } from './clickhouse-server.ts'
import { clickhouseWarehouse } from './clickhouse-warehouse.ts'
import { pacedInserts } from './paced-inserts.ts'
import { rowText } from './row-text.ts'
import { chdbSettings, schemaStatements } from './schema.ts'
import { storedType, tables } from './tables.ts'
import type { OpenedWarehouse, Warehouse } from './warehouse.ts'

/** Landing takes about a twentieth of the time, and lags by at most about five seconds. */
const pace = { leastMs: 100, mostMs: 5000, share: 19 }

/**
 * The warehouse that pipeline.yaml names, with its database, all tables and all views. KalamError
 * state_of_other_pipeline when its tables are another pipeline's, state_in_use when another process has had an embedded one open for
 * longer than `patienceMs`.
 */
export const openWarehouse = async (
  config: PipelineConfig,
  folder: string,
  env: Record<string, string | undefined>,
  patienceMs?: number,
): Promise<OpenedWarehouse> => {
  const where = config.warehouse === 'embedded' ? 'embedded' : serverOf(config.warehouse, env)
  if (where !== 'embedded') await createDatabase(where)
  const warehouse = where === 'embedded' ? await chdbWarehouse({ folder, patienceMs }) : clickhouseWarehouse(where)
  try {
    await refuseOtherLayout(warehouse, where === 'embedded' ? folder : undefined)
    const settings = where === 'embedded' ? chdbSettings : []
    for (const statement of schemaStatements(settings)) await warehouse.command(statement)
    const id = await claim(warehouse, config.pipeline)
    return { ...pacedInserts(warehouse, pace), id }
  } catch (thrown) {
    await warehouse.close()
    throw thrown
  }
}

/** Tables that another version made are not written to: what they hold can be filled anew from the topics. */
const refuseOtherLayout = async (warehouse: Warehouse, folder: string | undefined): Promise<void> => {
  const found = await warehouse.query<{ table: string; name: string; type: string }>(
    'SELECT table, name, type FROM system.columns WHERE database = currentDatabase()',
  )
  const typeOf = new Map(found.map(({ table, name, type }) => [`${table} ${name}`, type]))
  const known = new Set(found.map(({ table }) => table))
  for (const table of tables) {
    const differing = table.columns.find(
      (column) => known.has(table.name) && typeOf.get(`${table.name} ${column[0]}`) !== storedType(table, column),
    )
    if (!differing) continue
    throw new KalamError(
      'state_of_other_version',
      `opening the warehouse: column ${differing[0]} of table ${table.name} is not as this kalam makes it`,
      {
        hint: folder
          ? `Move ${folder} away and run again: the tables are filled anew from the topics.`
          : 'Name another database (warehouse: { url: …, database: … } in pipeline.yaml): its tables are filled from the topics.',
      },
    )
  }
}

/**
 * Conversations of two pipelines in the same tables would be counted as one. Resolves with the tables' id: that of the
 * table itself, so that services which open them at the same moment for the first time get the same one.
 */
const claim = async (warehouse: Warehouse, pipeline: string): Promise<string> => {
  const owners = await warehouse.query<{ pipeline: string; id: string }>('SELECT pipeline, id FROM owners FINAL')
  const other = owners.find((owner) => owner.pipeline !== pipeline)
  if (other) {
    throw new KalamError(
      'state_of_other_pipeline',
      `opening the warehouse: its tables belong to pipeline ${other.pipeline}, not ${pipeline}`,
      { hint: 'Give each pipeline a database of its own: warehouse: { url: …, database: … } in pipeline.yaml.' },
    )
  }
  if (owners[0]) return owners[0].id
  const [table] = await warehouse.query<{ id: string }>(
    "SELECT toString(uuid) AS id FROM system.tables WHERE database = currentDatabase() AND name = 'owners'",
  )
  const id = table && table.id !== noUuid ? table.id : randomUUID()
  await warehouse.insert('owners', rowText([{ pipeline, id, offset: Date.now() }]))
  return id
}

/** What a table has for an id in a database of the old kind, which numbers none. */
const noUuid = '00000000-0000-0000-0000-000000000000'
