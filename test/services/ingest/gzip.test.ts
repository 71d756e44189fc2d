import { constants, gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { fileFolder, inShort, readJsonl } from './read-rows.ts'

const file = fileFolder()
const text = Array.from({ length: 5000 }, (_, i) => `${JSON.stringify({ i, noise: noise(i) })}\n`).join('')
const whole = gzipSync(text)

/** Text that hardly compresses, so that a cut takes many lines with it. */
function noise(seed: number): string {
  let state = seed + 1
  return Array.from({ length: 40 }, () => {
    state = (state * 48_271) % 2_147_483_647
    return state.toString(36)
  }).join('')
}

/** Whole lines in the first bytes of the compressed data. */
const readableLines = (compressedBytes: number): number =>
  gunzipSync(whole.subarray(0, compressedBytes), { finishFlush: constants.Z_SYNC_FLUSH }).toString().split('\n')
    .length - 1

describe('jsonlRows of a .gz file', () => {
  it('reads the rows of all members and keeps positions of the text', async () => {
    const members = Buffer.concat([gzipSync('{"a":1}\n{"a"'), gzipSync(':2}\n'), gzipSync(''), gzipSync('{"a":3}')])
    const path = file('members.jsonl.gz', members)
    const rows = await readJsonl(path)
    expect(rows.map(inShort)).toEqual([
      [1, { a: 1 }],
      [2, { a: 2 }],
      [3, { a: 3 }],
    ])
    for (const [i, row] of rows.entries())
      expect(await readJsonl(path, { from: row.next, line: row.line + 1 })).toEqual(rows.slice(i + 1))
  })

  it('gives every row before a cut, then says that the file is cut off', async () => {
    for (const share of [0.1, 0.5, 0.9, 0.999]) {
      const rows = await readJsonl(file('cut.jsonl.gz', whole.subarray(0, Math.floor(whole.length * share))))
      const last = rows.pop()!
      expect(inShort(last)).toEqual([rows.length + 1, 'truncated_gzip'])
      expect(rows.map((row) => 'value' in row && (row.value as { i: number }).i)).toEqual(rows.map((_, i) => i))
      expect(rows).toHaveLength(readableLines(Math.floor(whole.length * share)))
      expect('bad' in last && last.bad.detail).toContain(`cut off behind byte ${last.byteEnd} of the text`)
    }
  })

  it('gives every row before wrong bytes, also when only the checksum at the end is wrong', async () => {
    const middle = Buffer.from(whole)
    middle.fill(0xff, Math.floor(whole.length / 2), Math.floor(whole.length / 2) + 64)
    const damaged = await readJsonl(file('wrong.jsonl.gz', middle))
    expect(inShort(damaged.at(-1)!)[1]).toBe('truncated_gzip')
    const readable = readableLines(Math.floor(whole.length / 2))
    expect(readable).toBeGreaterThan(2000)
    expect(damaged.slice(0, readable).every((row) => 'value' in row)).toBe(true)

    const checksum = Buffer.from(whole)
    checksum[whole.length - 6]! ^= 0xff
    const rows = await readJsonl(file('checksum.jsonl.gz', checksum))
    expect(rows).toHaveLength(5001)
    expect(inShort(rows.at(-1)!)).toEqual([5001, 'truncated_gzip'])
  })

  it.each([
    ['empty', new Uint8Array()],
    ['no gzip at all', Buffer.from('{"a":1}\n')],
    ['only a header', whole.subarray(0, 10)],
  ])('has one bad row in a file that is %s', async (_name, content) => {
    expect((await readJsonl(file('none.jsonl.gz', content))).map(inShort)).toEqual([[1, 'truncated_gzip']])
  })

  it('waits for the rest while a file is written, and goes on where it ended', async () => {
    const path = file('written.jsonl.gz', whole.subarray(0, whole.length / 2))
    const before = await readJsonl(path, { follow: true })
    expect(before.every((row) => 'value' in row)).toBe(true)
    expect(before.length).toBeGreaterThan(2000)
    file('written.jsonl.gz', whole)
    const { next, line } = before.at(-1)!
    const after = await readJsonl(path, { follow: true, from: next, line: line + 1 })
    expect([...before, ...after].map(({ line }) => line)).toEqual(Array.from({ length: 5000 }, (_, i) => i + 1))
  })

  it('reports the damage once, also when it is read on from there', async () => {
    const damaged = Buffer.from(whole)
    damaged[whole.length - 6]! ^= 0xff
    for (const content of [damaged, whole.subarray(0, whole.length / 2)]) {
      const path = file('again.jsonl.gz', content)
      const last = (await readJsonl(path)).at(-1)!
      expect(inShort(last)[1]).toBe('truncated_gzip')
      expect(await readJsonl(path, { from: last.next, line: last.line + 1 })).toEqual([])
      const before = { from: last.byteStart, line: last.line }
      expect((await readJsonl(path, before)).map(inShort)).toEqual([[last.line, 'truncated_gzip']])
    }
  })

  it('throws when the file cannot be read at all', async () => {
    await expect(readJsonl('/nowhere/a.jsonl.gz')).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
