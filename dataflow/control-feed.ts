import type { Codec } from './codec.ts'
import { type ControlEntry, type ControlState, readControl, writeControl } from './control.ts'
import { KalamError } from './error.ts'
import type { Log } from './log.ts'

/** The control topic as one process follows and writes it. */
export interface ControlFeed {
  /** As it was last read. */
  readonly state: ControlState
  /** Rises with every change that was read. */
  readonly version: number
  /** Reads on where the topic has grown; resolves when everyone who listens is through with it. */
  refresh(): Promise<void>
  /** Writes what is made of the newest state, in one transaction, and reads it back. One at a time. */
  change(make: (state: ControlState) => ControlEntry[] | Promise<ControlEntry[]>): Promise<void>
  /** Calls the listener after every change, one call at a time. Returns what ends it. */
  onChange(listener: () => void | Promise<void>): () => void
}

/** Follows the control topic of a pipeline that is there. */
export const controlFeed = async (log: Log, codec: Codec, topic: string): Promise<ControlFeed> => {
  const listeners = new Set<() => void | Promise<void>>()
  let end = -1
  let version = 0
  let state: ControlState
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work)
    last = turn.catch(() => undefined)
    return turn
  }
  const readOn = async (): Promise<void> => {
    const [now = 0] = await log.ends(topic)
    if (now === end) return
    const read = await readControl(log, codec, topic)
    if (!read) throw new KalamError('log_broken', `reading ${topic}: it does not say which pipeline it belongs to`)
    state = read
    end = now
    version++
    for (const listener of [...listeners]) await listener()
  }
  await readOn()
  return {
    get state() {
      return state
    },
    get version() {
      return version
    },
    refresh: () => inTurn(readOn),
    change: (make) =>
      inTurn(async () => {
        await writeControl(log, codec, topic, async () => {
          await readOn()
          return make(state)
        })
        await readOn()
      }),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
