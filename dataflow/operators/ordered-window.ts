import type { OutputRecord, Positions } from '../log.ts'

/** One step of a stage's work: what it writes and the input positions behind it. */
export interface Unit {
  outputs: Promise<OutputRecord[]> | OutputRecord[]
  positions: Positions
  /** Input bytes it holds in memory. */
  bytes: number
}

/** Outputs of the finished units at the head of the window. */
export interface Prefix {
  units: number
  outputs: OutputRecord[]
  positions: Positions
}

/** Units under way in input order; the finished ones at its head may be committed. */
export interface OrderedWindow {
  add(unit: Unit): void
  /** The finished head, at most about `records` outputs; grows in place until it is taken. */
  prefix(records: number): Prefix
  /** Forgets the head that `prefix` gave. */
  take(): void
  readonly size: number
  readonly bytes: number
}

interface Running {
  unit: Unit
  outputs: OutputRecord[] | undefined
}

/** A window that reports a unit that becomes finished at its head, or the first failure. */
export const orderedWindow = (on: { headFinished(): void; failed(thrown: unknown): void }): OrderedWindow => {
  const running: Running[] = []
  let bytes = 0
  let head: Prefix = { units: 0, outputs: [], positions: {} }
  return {
    get size() {
      return running.length
    },
    get bytes() {
      return bytes
    },
    add(unit) {
      const entry: Running = { unit, outputs: unit.outputs instanceof Promise ? undefined : unit.outputs }
      running.push(entry)
      bytes += unit.bytes
      if (!(unit.outputs instanceof Promise)) return
      unit.outputs.then((outputs) => {
        entry.outputs = outputs
        if (running[head.units] === entry) on.headFinished()
      }, on.failed)
    },
    prefix(records) {
      for (; head.outputs.length < records; head.units++) {
        const entry = running[head.units]
        if (!entry?.outputs) break
        for (const output of entry.outputs) head.outputs.push(output)
        Object.assign(head.positions, entry.unit.positions)
      }
      return head
    },
    take() {
      for (const { unit } of running.splice(0, head.units)) bytes -= unit.bytes
      head = { units: 0, outputs: [], positions: {} }
    },
  }
}
