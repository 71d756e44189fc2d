import { clickhouseWarehouse } from '../../../services/land/clickhouse-warehouse.ts'
import { schemaStatements } from '../../../services/land/schema.ts'
import type { Warehouse } from '../../../services/land/warehouse.ts'
import { startWarehouse } from '../../warehouse/start-warehouse.ts'
import { openChdb } from './chdb.ts'

/** A warehouse of a test's own with all tables and views. */
export interface OpenedForTest {
  warehouse: Warehouse
  close(): Promise<void>
}

/** On a server, in a database of its own. */
const openOnServer = async (): Promise<OpenedForTest> => {
  const server = await startWarehouse()
  const first = clickhouseWarehouse({ url: server.url, database: 'default' })
  await first.command('CREATE DATABASE kalam')
  await first.close()
  const warehouse = clickhouseWarehouse({ url: server.url, database: 'kalam' })
  for (const statement of schemaStatements()) await warehouse.command(statement)
  return {
    warehouse,
    async close() {
      await warehouse.close()
      await server.close()
    },
  }
}

/** Every kind of warehouse by name: what one of them holds, all hold. */
export const warehouses: [name: string, open: () => Promise<OpenedForTest>][] = [
  ['chDB', openChdb],
  ['a server', openOnServer],
]
