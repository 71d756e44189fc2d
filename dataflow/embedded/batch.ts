import type { LogRecord } from '../log.ts'

/** Bytes of one batch: the records that one commit appended to one partition, at consecutive offsets. */
export const encodeBatch = (records: readonly Omit<LogRecord, 'offset'>[]): Buffer => {
  const texts = records.map((record) => ({
    key: Buffer.from(record.key),
    headers: Buffer.from(joinHeaders(record.headers)),
  }))
  let size = 4
  records.forEach((record, i) => {
    size += 20 + texts[i]!.key.length + texts[i]!.headers.length + record.value.length
  })
  const bytes = Buffer.allocUnsafe(size)
  let at = bytes.writeUInt32LE(records.length, 0)
  records.forEach((record, i) => {
    const { key, headers } = texts[i]!
    at = bytes.writeDoubleLE(record.timestamp, at)
    at = bytes.writeUInt32LE(key.length, at)
    at = bytes.writeUInt32LE(headers.length, at)
    at = bytes.writeUInt32LE(record.value.length, at)
    at += key.copy(bytes, at)
    at += headers.copy(bytes, at)
    bytes.set(record.value, at)
    at += record.value.length
  })
  return bytes
}

/** The records of a batch from an offset on; their values are views of its bytes. */
export const decodeBatch = (bytes: Buffer, base: number, from: number): LogRecord[] => {
  const count = bytes.readUInt32LE(0)
  const records: LogRecord[] = []
  let at = 4
  for (let i = 0; i < count; i++) {
    const keyEnd = at + 20 + bytes.readUInt32LE(at + 8)
    const headersEnd = keyEnd + bytes.readUInt32LE(at + 12)
    const valueEnd = headersEnd + bytes.readUInt32LE(at + 16)
    if (base + i >= from) {
      records.push({
        offset: base + i,
        key: bytes.toString('utf8', at + 20, keyEnd),
        headers: splitHeaders(bytes.toString('utf8', keyEnd, headersEnd)),
        value: bytes.subarray(headersEnd, valueEnd),
        timestamp: bytes.readDoubleLE(at),
      })
    }
    at = valueEnd
  }
  return records
}

const joinHeaders = (headers: Record<string, string>): string => {
  let text = ''
  for (const name in headers) text += `${name}\0${headers[name]}\0`
  return text
}

const splitHeaders = (text: string): Record<string, string> => {
  const headers: Record<string, string> = {}
  const fields = text.split('\0')
  for (let i = 0; i + 1 < fields.length; i += 2) headers[fields[i]!] = fields[i + 1]!
  return headers
}
