import { KalamError } from '../../dataflow/error.ts'
import type { Warehouse } from '../land/warehouse.ts'
import { type Patience, whileAway } from './while-away.ts'

/** A server that is connected to when it is first needed, and waited for while it is away. */
export interface AwaitedServer {
  use<Result>(work: (warehouse: Warehouse) => Promise<Result>): Promise<Result>
  /** Ends all waits with an error. */
  close(): Promise<void>
}

/** Connects once, makes a table, and repeats what fails because the server is away. */
export const awaitedServer = (options: {
  connect(): Promise<Warehouse>
  /** DDL of the table. */
  table: string
  patience: Patience
}): AwaitedServer => {
  const closing = new AbortController()
  let connecting: Promise<Warehouse> | undefined
  const connected = async (): Promise<Warehouse> => {
    const warehouse = await options.connect()
    try {
      await warehouse.command(options.table)
      return warehouse
    } catch (thrown) {
      await warehouse.close()
      throw thrown
    }
  }
  const once = (): Promise<Warehouse> => {
    connecting ??= connected().catch((thrown) => {
      connecting = undefined
      throw thrown
    })
    return connecting
  }
  return {
    use: (work) => whileAway(async () => work(await once()), options.patience, closing.signal),
    async close() {
      closing.abort(new KalamError('internal', 'using the shared memory: it was closed'))
      const warehouse = await connecting?.catch(() => undefined)
      await warehouse?.close()
    },
  }
}
