import { KalamError } from '../../dataflow/error.ts'
import type { OpenedWarehouse } from '../land/warehouse.ts'

/** What a warehouse was given by this process. */
export interface WarehouseActivity {
  /** Rows by table; a batch that is written again counts again. */
  readonly rows: Map<string, number>
  /** Inserts that failed, by the code of the error. */
  readonly failures: Map<string, number>
}

/** What meteredWarehouse tells. */
export interface WarehouseMeter {
  warehouse: WarehouseActivity
  /** Told how long each insert took. */
  inserted(ms: number): void
  /** Told when an insert fails and is tried again: the warehouse is away. */
  onAway(message: string): void
  now(): number
}

/** The same warehouse; inserts are noted. */
export const meteredWarehouse = (warehouse: OpenedWarehouse, meter: WarehouseMeter): OpenedWarehouse => ({
  ...warehouse,
  async insert(table, rows) {
    const { rows: written, failures } = meter.warehouse
    const began = meter.now()
    try {
      await warehouse.insert(table, rows)
      written.set(table, (written.get(table) ?? 0) + rows.rows)
    } catch (thrown) {
      const code = thrown instanceof KalamError ? thrown.code : 'internal'
      failures.set(code, (failures.get(code) ?? 0) + 1)
      if (thrown instanceof KalamError && thrown.retryable) meter.onAway(thrown.message)
      throw thrown
    } finally {
      meter.inserted(meter.now() - began)
    }
  },
})
