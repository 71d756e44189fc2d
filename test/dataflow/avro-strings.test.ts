import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import avro from 'avsc'
import { build } from 'esbuild'
import { describe, expect, it, vi } from 'vitest'
import { compileOptions } from '../../bin/compiled.js'
import { stringsFaster } from '../../dataflow/avro-strings.ts'
import { startProcess, workFolder } from '../system/kalam.ts'

const arabic = 'تُترجم المحادثات إلى العربية ثم تُرتّب. '.repeat(20)

describe('strings of avsc', () => {
  it('are read by our own decoding', () => {
    stringsFaster()
    const { Tap } = createRequire(import.meta.url)('avsc/lib/utils.js')
    const read = vi.spyOn(Tap.prototype, 'readString')
    const type = avro.Type.forSchema({ type: 'array', items: 'string' })
    const texts = [arabic, 'short', '', '😀'.repeat(80)]
    expect(type.fromBuffer(type.toBuffer(texts))).toEqual(texts)
    expect(read).toHaveBeenCalledTimes(texts.length)
    expect(() => type.fromBuffer(type.toBuffer(texts).subarray(0, 100))).toThrow('truncated buffer')
  })

  it('are written as their length in bytes and their bytes, whatever it takes to say the length', () => {
    stringsFaster()
    const type = avro.Type.forSchema('string')
    const scratch = Buffer.alloc(6_000_000)
    const lengths = [0, 1, 31, 32, 33, 63, 64, 65, 2730, 4095, 4096, 8191, 8192, 349_525, 524_288, 1_048_576]
    const written = (text: string): string => {
      const end = type.encode(text, scratch, 3)
      return scratch.subarray(3, end).toString('latin1')
    }
    for (const letter of ['x', 'é', 'م', '€', '😀'])
      for (const length of lengths) {
        const text = letter.repeat(length)
        const bytes = Buffer.from(text)
        const head: number[] = []
        let rest = bytes.length * 2
        for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) head.push((rest % 0x80) + 0x80)
        const expected = Buffer.concat([Buffer.from([...head, rest]), bytes]).toString('latin1')
        // Not by toBe: it would print megabytes.
        expect(written(text) === expected, `${length} times ${letter}`).toBe(true)
      }
  })

  it('that does not fit is told by how much', () => {
    stringsFaster()
    const type = avro.Type.forSchema('string')
    for (const size of [10, 50, 99, 100, 101, 102, 150, 310]) {
      const end = type.encode('x'.repeat(100), Buffer.alloc(size))
      expect(end).toBe(size >= 102 ? 102 : size - 102)
    }
  })

  it('are so in a compiled program too, which has an avsc of its own', async () => {
    const folder = workFolder()
    try {
      const main = fileURLToPath(new URL('./avro-strings-main.ts', import.meta.url))
      await build({ ...compileOptions, entryPoints: [main], outdir: folder.path, outExtension: { '.js': '.mjs' } })
      const { out, err } = await startProcess(['avro-strings-main.mjs'], folder.path).ended
      expect({ out, err }).toEqual({ out: '0 true', err: '' })
    } finally {
      folder.remove()
    }
  })
})
