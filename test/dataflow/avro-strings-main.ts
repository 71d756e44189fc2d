/** Prints how often bytes are counted while a text is written and read by avsc. */
import { Buffer } from 'node:buffer'
import avro from 'avsc'
import { stringsFaster } from '../../dataflow/avro-strings.ts'

stringsFaster()
const type = avro.Type.forSchema('string')
const bytes = Buffer.alloc(1000)
const { byteLength } = Buffer
let counted = 0
Buffer.byteLength = (...text) => {
  counted++
  return byteLength(...text)
}
const text = 'نص'.repeat(50)
type.encode(text, bytes)
const { value } = type.decode(bytes) as { value: string }
process.stdout.write(`${counted} ${value === text}`)
