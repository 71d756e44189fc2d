import type { Log } from '../../dataflow/log.ts'
import type { LogEvent } from '../../dataflow/log-events.ts'
import type { OpenedWarehouse } from '../land/warehouse.ts'
import type { WaitEvent } from '../translate/calls/retried.ts'
import type { Translator } from '../translate/translator.ts'

/** Wrappers through which everything a process opens is seen; each gives back the same kind of thing. */
export interface Observers {
  log(log: Log): Log
  backend(translator: Translator, about: { name: string; timeoutMs: number }): Translator
  warehouse(warehouse: OpenedWarehouse): OpenedWarehouse
  /** Told by the log's adapter. */
  onEvent(event: LogEvent): void
  /** Told when a line waits for its server instead of failing. */
  onWait(wait: WaitEvent & { line: string }): void
  /** Told about what a translator does that it should not. */
  onNotice(notice: { line: string; message: string }): void
}

/** Wrappers that wrap nothing. */
export const noObservers: Observers = {
  log: (log) => log,
  backend: (translator) => translator,
  warehouse: (warehouse) => warehouse,
  onEvent: () => undefined,
  onWait: () => undefined,
  onNotice: () => undefined,
}
