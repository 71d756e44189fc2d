import { describe, expect, it } from 'vitest'
import { type LogBench, outputOf, scanAll } from './bench.ts'

/** A record comes out as it went in. */
export const recordClauses = (bench: () => LogBench): void => {
  const throughLog = async (...records: Parameters<typeof outputOf>[1][]) => {
    const topic = await bench().topic()
    const writer = await bench().log.writer(topic)
    await writer.commit(records.map((record) => outputOf(topic, record)))
    return scanAll(bench().log, topic)
  }

  describe('a record', () => {
    it('keeps key, value, headers and time', async () => {
      const value = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
      const record = {
        key: 'source/split/12',
        value,
        headers: { ordinal: '7', index: '0' },
        timestamp: 1_234_567_890_123,
      }
      const [read] = await throughLog(record)
      expect({ ...read, value: Buffer.from(read!.value) }).toEqual({ ...record, offset: expect.any(Number) })
    })

    it('keeps headers of any well-formed text', async () => {
      const texts = [
        '',
        ' ',
        'a\0b',
        '\0',
        '\0\0',
        '\x01',
        '\x010',
        '\x01\0\x011',
        'line\nbreak\r\n',
        'a,b=c;"d"',
        'مرحبا',
        '👩‍👩‍👧',
        'é\u0301',
      ]
      const headers = texts.map((text) => ({ [`name${text}`]: text, after: 'x' }))
      const read = await throughLog(...headers.map((each) => ({ headers: each })))
      expect(read.map((record) => record.headers)).toEqual(headers)
    })

    it('keeps keys of any well-formed text', async () => {
      const keys = ['a\0b', 'مرحبا/👋', '-', 'k'.repeat(1000)]
      const read = await throughLog(...keys.map((key) => ({ key })))
      expect(read.map(({ key }) => key)).toEqual(keys)
    })

    it('shows a tombstone as an empty value between its neighbours', async () => {
      const read = await throughLog({ size: 3 }, { key: 'gone', value: new Uint8Array() }, { size: 2 })
      expect(read.map(({ value }) => value.length)).toEqual([3, 0, 2])
    })

    it('may have nine megabytes', async () => {
      const value = Buffer.alloc(9 * 2 ** 20)
      for (let i = 0; i < value.length; i += 1021) value[i] = i % 251
      const read = await throughLog({ key: 'before' }, { key: 'large', value }, { key: 'after' })
      expect(read.map(({ key }) => key)).toEqual(['before', 'large', 'after'])
      expect(value.equals(read[1]!.value)).toBe(true)
    })

    it('does not change when the caller later changes what it gave', async () => {
      const topic = await bench().topic()
      const writer = await bench().log.writer(topic)
      const value = Buffer.from('first')
      const committed = writer.commit([outputOf(topic, { value })])
      value.write('other')
      await committed
      const [read] = await scanAll(bench().log, topic)
      expect(Buffer.from(read!.value).toString()).toBe('first')
    })
  })
}
