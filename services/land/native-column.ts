/** What a column gathers for a block of ClickHouse's Native format; values of a type that holds others are columns themselves. */
export interface Column {
  type: string
  kind: Kind
  /** What its numbers are sent as; times and 64-bit integers as two halves. */
  array: NumberArray
  /**
   * Numbers, or of what holds others: null marks, ends of lists, places of labels among the keys. All of one kind until they are sent,
   * since stores into arrays of five kinds are several times slower.
   */
  numbers: Float64Array
  count: number
  /** Texts with their lengths before them, of labels the keys. */
  texts: Buffer
  textBytes: number
  /** Places of labels among the keys. */
  places: Map<string, number>
  inner: Column | undefined
  /** Of a map: `inner` holds its keys. */
  values: Column | undefined
}

type Kind = 'number' | 'long' | 'text' | 'label' | 'nullable' | 'list' | 'map'
type Numbers = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array
type NumberArray = new (values: Float64Array) => Numbers

const numberArrays: Record<string, NumberArray> = {
  Bool: Uint8Array,
  UInt16: Uint16Array,
  UInt32: Uint32Array,
  Int32: Int32Array,
  Float64: Float64Array,
}
/** Buffers that grew larger are given away with their bytes. */
const keptBytes = 64 * 2 ** 10
const leastLength = 64

/** An empty column of a type as tables.ts writes it; throws on one that no table has. */
export const columnOf = (type: string): Column => {
  const { kind, array = Uint32Array, inner, values } = shapeOf(type)
  // One literal, all fields: columns of several hidden classes are slower to fill.
  return {
    type,
    kind,
    array,
    numbers: new Float64Array(leastLength),
    count: 0,
    texts: Buffer.allocUnsafeSlow(0),
    textBytes: 0,
    places: new Map(),
    inner,
    values,
  }
}

interface Shape {
  kind: Kind
  array?: NumberArray
  inner?: Column
  values?: Column
}

const shapeOf = (type: string): Shape => {
  const array = numberArrays[type]
  if (array) return { kind: 'number', array }
  if (type === 'UInt64' || type.startsWith('DateTime64(3')) return { kind: 'long' }
  if (type === 'String') return { kind: 'text' }
  if (type === 'LowCardinality(String)') return { kind: 'label' }
  const [, outer = '', within = ''] = /^(Nullable|Array|Map)\((.*)\)$/.exec(type) ?? []
  if (outer === 'Nullable' && within !== 'String')
    return { kind: 'nullable', array: Uint8Array, inner: columnOf(within) }
  if (outer === 'Array') return { kind: 'list', inner: columnOf(within) }
  const comma = within.indexOf(', ')
  if (outer === 'Map')
    return { kind: 'map', inner: columnOf(within.slice(0, comma)), values: columnOf(within.slice(comma + 2)) }
  throw new Error(`writing rows: no column has the type ${type}`)
}

/** Appends a value as land-rows gives it, times in milliseconds; what is missing is the type's default. */
export const append = (column: Column, value: unknown): void => {
  const { kind, inner } = column
  if (kind === 'label') appendLabel(column, (value ?? '') as string)
  else if (kind === 'number' || kind === 'long') appendNumber(column, numberOf(value))
  else if (kind === 'text') appendText(column, (value ?? '') as string)
  else if (kind === 'nullable') appendNullable(column, value)
  else {
    if (kind === 'map') appendEntries(column, value as Record<string, unknown> | undefined)
    else if (value) for (const item of value as readonly unknown[]) append(inner!, item)
    endList(column)
  }
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : value === true ? 1 : 0)

const appendNullable = (column: Column, value: unknown): void => {
  // JSON has no other number either.
  const isNumber = typeof value === 'number' && Number.isFinite(value)
  appendNumber(column, isNumber ? 0 : 1)
  appendNumber(column.inner!, isNumber ? value : 0)
}

const appendEntries = ({ inner, values }: Column, entries: Record<string, unknown> | undefined): void => {
  const isNullable = values!.kind === 'nullable'
  for (const key in entries) {
    appendLabel(inner!, key)
    if (isNullable) appendNullable(values!, entries[key])
    else append(values!, entries[key])
  }
}

/** Ends a list, or map, with what was appended to its inner column since the one before. */
export const endList = (column: Column): void => appendNumber(column, column.inner!.count)

/** Puts another number in the place of the last one. */
export const replaceLast = ({ numbers, count }: Column, value: number): void => {
  numbers[count - 1] = value
}

const appendNumber = (column: Column, value: number): void => {
  const { numbers, count } = column
  column.count = count + 1
  if (count < numbers.length) {
    numbers[count] = value
    return
  }
  const larger = new Float64Array(2 * count)
  larger.set(numbers)
  larger[count] = value
  column.numbers = larger
}

const appendLabel = (column: Column, text: string): void => {
  const { places } = column
  let place = places.get(text)
  if (place === undefined) {
    place = places.size
    places.set(text, place)
    appendBytes(column, text)
  }
  appendNumber(column, place)
}

const appendText = (column: Column, text: string): void => {
  appendBytes(column, text)
  column.count++
}

/** Texts that are short enough to be looked through unit by unit: a call of Buffer's for each would take longer. */
const shortUnits = 40

/** A text in UTF-8 behind its length in bytes. */
const appendBytes = (column: Column, text: string): void => {
  const { length } = text
  const at = column.textBytes
  const most = at + 5 + 3 * length
  if (most > column.texts.length) {
    const larger = Buffer.allocUnsafeSlow(Math.max(256, 2 * most))
    column.texts.copy(larger, 0, 0, at)
    column.texts = larger
  }
  const { texts } = column
  if (length <= shortUnits) {
    let i = 0
    for (; i < length; i++) {
      const unit = text.charCodeAt(i)
      if (unit > 0x7f) break
      texts[at + 1 + i] = unit
    }
    // Up to 40 units are less than 128 bytes: their length is one.
    const bytes = i === length ? length : texts.write(text, at + 1)
    texts[at] = bytes
    column.textBytes = at + 1 + bytes
    return
  }
  // How long the length is depends on it: a guess is right but near its borders.
  const guess = lengthBytes(length + (length >> 1))
  const bytes = texts.write(text, at + guess)
  const head = lengthBytes(bytes)
  if (head !== guess) texts.copyWithin(at + head, at + guess, at + guess + bytes)
  writeLength(texts, at, bytes)
  column.textBytes = at + head + bytes
}

const lengthBytes = (value: number): number => {
  let bytes = 1
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes++
  return bytes
}

/** LEB128, seven bits a byte from the lowest on. Returns where it ends. */
export const writeLength = (target: Uint8Array, from: number, value: number): number => {
  let at = from
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) target[at++] = (rest & 0x7f) | 0x80
  target[at++] = rest
  return at
}

/** A column and all within it. */
export const columnsWithin = (column: Column): Column[] => {
  const parts = [column.inner, column.values].filter((part) => part !== undefined)
  return [column, ...parts.flatMap(columnsWithin)]
}

/** The bytes of a column as Native has them, in pieces that are good until the next value is appended. */
export function* columnPieces(column: Column): Generator<Uint8Array> {
  yield* prefixPieces(column)
  yield* bodyPieces(column)
}

/** Version of the keys' form, for every column of labels within, before all else. */
function* prefixPieces({ kind, inner, values }: Column): Generator<Uint8Array> {
  if (kind === 'label') yield longsOf([1])
  if (inner) yield* prefixPieces(inner)
  if (values) yield* prefixPieces(values)
}

/** That the keys follow in the block itself. */
const hasKeys = 1 << 9

function* bodyPieces(column: Column): Generator<Uint8Array> {
  const { kind, array, numbers, count, texts, textBytes, places, inner, values } = column
  const filled = numbers.subarray(0, count)
  if (kind === 'text') yield texts.subarray(0, textBytes)
  else if (kind === 'label') {
    if (count === 0) return
    const size = places.size <= 0x100 ? 0 : places.size <= 0x10000 ? 1 : 2
    yield longsOf([size | hasKeys, places.size])
    yield texts.subarray(0, textBytes)
    yield longsOf([count])
    yield bytesOfNumbers(new [Uint8Array, Uint16Array, Uint32Array][size]!(filled))
  } else if (kind === 'number' || kind === 'nullable') yield bytesOfNumbers(new array(filled))
  else yield longsOf(filled)
  if (inner) yield* bodyPieces(inner)
  if (values) yield* bodyPieces(values)
}

const bytesOfNumbers = ({ buffer, byteOffset, byteLength }: Numbers): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** 64 bits each, the lower half first. */
const longsOf = (values: ArrayLike<number>): Uint8Array => {
  const halves = new Uint32Array(2 * values.length)
  for (let n = 0; n < values.length; n++) {
    halves[2 * n] = values[n]! >>> 0
    halves[2 * n + 1] = Math.floor(values[n]! / 2 ** 32)
  }
  return bytesOfNumbers(halves)
}

/** Forgets all values. */
export const clear = (column: Column): void => {
  const { numbers, places, texts, inner, values } = column
  column.count = 0
  column.textBytes = 0
  places.clear()
  if (numbers.byteLength > keptBytes) column.numbers = new Float64Array(leastLength)
  if (texts.length > keptBytes) column.texts = Buffer.allocUnsafeSlow(0)
  if (inner) clear(inner)
  if (values) clear(values)
}
