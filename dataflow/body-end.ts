import type { Type, types } from 'avsc'

/** Where a value that begins at an offset ends; RangeError when it is longer than the bytes. */
export type EndOf = (bytes: Uint8Array, at: number) => number

/**
 * Finds the end of a type's values without building them. avsc reads past the end of its bytes and believes any array
 * count: a damaged record would keep a reader busy for hours, so bodies are measured before they are decoded.
 */
export const bodyEnd = (type: Type): EndOf => compile(type, new Map())

const compile = (type: Type, known: Map<Type, EndOf>): EndOf => {
  const made = known.get(type)
  if (made) return made
  // A type may contain itself.
  let end: EndOf
  known.set(type, (bytes, at) => end(bytes, at))
  end = endOfKind(type, (part) => compile(part, known))
  known.set(type, end)
  return end
}

const endOfKind = (type: Type, part: (type: Type) => EndOf): EndOf => {
  switch (type.typeName) {
    case 'null':
      return (_, at) => at
    case 'boolean':
      return (bytes, at) => within(bytes, at, 1)
    case 'float':
      return (bytes, at) => within(bytes, at, 4)
    case 'double':
      return (bytes, at) => within(bytes, at, 8)
    case 'int':
    case 'long':
    case 'enum':
      return varintEnd
    case 'string':
    case 'bytes':
      return (bytes, at) => within(bytes, varintEnd(bytes, at), varint(bytes, at))
    case 'fixed':
      return (bytes, at) => within(bytes, at, (type as types.FixedType).size)
    case 'record': {
      const fields = (type as types.RecordType).fields.map((field) => part(field.type))
      return (bytes, at) => fields.reduce((end, field) => field(bytes, end), at)
    }
    case 'array':
      return blocksEnd(part((type as types.ArrayType).itemsType))
    case 'map': {
      const value = part((type as types.MapType).valuesType)
      return blocksEnd((bytes, at) => value(bytes, within(bytes, varintEnd(bytes, at), varint(bytes, at))))
    }
    case 'union:wrapped':
    case 'union:unwrapped': {
      const branches = (type as types.UnwrappedUnionType).types.map(part)
      return (bytes, at) => {
        const branch = branches[varint(bytes, at)]
        if (!branch) throw new RangeError(`no branch ${varint(bytes, at)} in a union`)
        return branch(bytes, varintEnd(bytes, at))
      }
    }
    default:
      return part((type as types.LogicalType).underlyingType)
  }
}

/** Blocks of items until an empty one. */
const blocksEnd =
  (item: EndOf): EndOf =>
  (bytes, start) => {
    let at = start
    for (;;) {
      let count = varint(bytes, at)
      at = varintEnd(bytes, at)
      if (count === 0) return at
      // A negative count is followed by the block's size.
      if (count < 0) {
        count = -count
        at = varintEnd(bytes, at)
      }
      if (count > bytes.length - at) throw new RangeError(`truncated: ${count} items in ${bytes.length - at} bytes`)
      for (; count > 0; count--) at = item(bytes, at)
    }
  }

const within = (bytes: Uint8Array, at: number, length: number): number => {
  if (!(length >= 0 && at + length <= bytes.length)) throw new RangeError('truncated')
  return at + length
}

const longestVarint = 10

const varintEnd: EndOf = (bytes, start) => {
  for (let at = start; at < bytes.length && at < start + longestVarint; at++) if (bytes[at]! < 0x80) return at + 1
  throw new RangeError('truncated')
}

const varint = (bytes: Uint8Array, start: number): number => {
  let value = 0
  let factor = 1
  for (let at = start; at < bytes.length && at < start + longestVarint; at++) {
    value += (bytes[at]! & 0x7f) * factor
    if (bytes[at]! < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    factor *= 0x80
  }
  throw new RangeError('truncated')
}
