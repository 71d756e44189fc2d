import { createDatabase } from '../../../services/land/clickhouse-server.ts'
import { clickhouseWarehouse } from '../../../services/land/clickhouse-warehouse.ts'
import type { Memory } from '../../../services/translate/memory.ts'
import { sharedMemory } from '../../../services/translate/shared-memory.ts'

/** A shared memory in a database of a server, with short windows; `waits` collects why it waited. */
export const sharedAt = (url: string, database: string, waits: string[] = [], mostMs = 60_000): Memory => {
  const server = { url, database, setting: 'memory' }
  return sharedMemory({
    async connect() {
      await createDatabase(server)
      return clickhouseWarehouse(server)
    },
    patience: { mostMs, onWait: ({ reason }) => void waits.push(reason) },
    writeMs: 5,
  })
}
