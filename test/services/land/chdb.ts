import { join } from 'node:path'
import { chdbWarehouse } from '../../../services/land/chdb-warehouse.ts'
import { schemaStatements } from '../../../services/land/schema.ts'
import type { Warehouse } from '../../../services/land/warehouse.ts'
import { workFolder } from '../../system/kalam.ts'

/** A chDB warehouse of its own with all tables and views; `pids` has the process of every start. */
export const openChdb = async (): Promise<{
  warehouse: Warehouse
  folder: string
  pids: number[]
  close(): Promise<void>
}> => {
  const folder = workFolder()
  const pids: number[] = []
  const warehouse = await chdbWarehouse({
    folder: join(folder.path, 'warehouse'),
    onStart: ({ pid }) => void pids.push(pid),
  })
  for (const statement of schemaStatements()) await warehouse.command(statement)
  return {
    warehouse,
    folder: join(folder.path, 'warehouse'),
    pids,
    async close() {
      await warehouse.close()
      folder.remove()
    },
  }
}
