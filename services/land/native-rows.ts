import type { RowBase, TableRow } from './land-rows.ts'
import {
  append,
  type Column,
  clear,
  columnOf,
  columnPieces,
  columnsWithin,
  endList,
  replaceLast,
  writeLength,
} from './native-column.ts'
import type { RowText } from './row-text.ts'
import { placeColumns, storedType, tables, traceColumns } from './tables.ts'

/** Rows of one table under way, held by column outside of V8's heap, not as objects that every collection would have to copy. */
export interface NativeRows {
  /** In the order of their offsets; what land-rows gives of one conversation goes into the lists of one row where the table has such. */
  add(row: TableRow): void
  readonly rows: number
  /** About how many bytes they are. */
  readonly bytes: number
  /** What was added as a block of ClickHouse's Native format; then it is empty. */
  take(): RowText
}

/** Of a number, in the middle of those of one and of eight bytes. */
const usualBytes = 4

const tableOf = new Map(tables.map((table) => [table.name, table]))

/** Rows for a table of the warehouse, with all of its columns. */
export const nativeRows = (name: string): NativeRows => {
  const table = tableOf.get(name)!
  const isList = table.lists !== undefined
  const names = table.columns.map(([column]) => column)
  const columns = table.columns.map((column) => columnOf(storedType(table, column)))
  const ownNames = names.slice(placeColumns.length, -traceColumns.length)
  const own = columns.slice(placeColumns.length, -traceColumns.length)
  const targets = isList ? own.map(({ inner }) => inner!) : own
  const [line, generation, source, split, row] = columns as [Column, Column, Column, Column, Column]
  const [partition, offset] = columns.slice(-traceColumns.length) as [Column, Column]
  const all = columns.flatMap(columnsWithin)
  let rows = 0
  let last: RowBase | undefined

  const endRow = (): void => {
    if (last && isList) for (const list of own) endList(list)
    last = undefined
  }
  const begin = (base: RowBase): void => {
    endRow()
    append(line, base.line)
    append(generation, base.generation)
    append(source, base.source)
    append(split, base.split)
    append(row, base.row)
    append(partition, base.partition)
    append(offset, base.offset)
    rows++
  }
  return {
    get rows() {
      return rows
    },
    get bytes() {
      let sum = 0
      for (const { count, textBytes } of all) sum += count * usualBytes + textBytes
      return sum
    },
    add({ base, row: values }) {
      if (isList && last && isSame(last, base)) replaceLast(offset, base.offset)
      else begin(base)
      last = base
      for (let n = 0; n < targets.length; n++) append(targets[n]!, values[ownNames[n]!])
    },
    take() {
      if (rows === 0) return { format: 'Native', columns: names, rows, pieces: [] }
      endRow()
      const pieces: Uint8Array[] = [headOf(columns.length, rows)]
      for (const [n, column] of columns.entries())
        pieces.push(headerOf(names[n]!, column.type), ...columnPieces(column))
      const text: RowText = { format: 'Native', columns: names, rows, pieces: [Buffer.concat(pieces)] }
      for (const column of columns) clear(column)
      rows = 0
      return text
    },
  }
}

/** Of the same conversation: of the same record, or of one behind it. */
const isSame = (last: RowBase, base: RowBase): boolean =>
  base.offset >= last.offset && last.row === base.row && last.split === base.split && last.source === base.source

const headOf = (columns: number, rows: number): Buffer => {
  const head = Buffer.alloc(10)
  return head.subarray(0, writeLength(head, writeLength(head, 0, columns), rows))
}

const headerOf = (name: string, type: string): Buffer =>
  Buffer.concat([name, type].map((text) => Buffer.concat([Buffer.of(text.length), Buffer.from(text)])))
