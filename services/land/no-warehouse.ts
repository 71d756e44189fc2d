import { KalamError } from '../../dataflow/error.ts'
import type { OpenedWarehouse } from './warehouse.ts'

const refuse = async (): Promise<never> => {
  throw new KalamError('internal', 'using a warehouse: this process opened none')
}

/** Stands for the warehouse in a process that lands nothing, so that it needs none: whatever it is asked is KalamError internal. */
export const noWarehouse: OpenedWarehouse = {
  id: 'none',
  query: refuse,
  command: refuse,
  insert: refuse,
  hurry: () => undefined,
  close: async () => undefined,
}
