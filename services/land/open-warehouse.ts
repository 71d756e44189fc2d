import type { PipelineConfig } from '../config.ts'
import { chdbWarehouse } from './chdb-warehouse.ts'
import { clickhouseWarehouse } from './clickhouse-warehouse.ts'
import { schemaStatements } from './schema.ts'
import type { Warehouse } from './warehouse.ts'

/** The warehouse that pipeline.yaml names, with all tables and views. */
export const openWarehouse = async (config: PipelineConfig, folder: string): Promise<Warehouse> => {
  const warehouse =
    config.warehouse === 'embedded' ? await chdbWarehouse({ folder }) : clickhouseWarehouse(config.warehouse)
  try {
    for (const statement of schemaStatements()) await warehouse.command(statement)
  } catch (thrown) {
    await warehouse.close()
    throw thrown
  }
  return warehouse
}
