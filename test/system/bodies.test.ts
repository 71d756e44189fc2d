import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { avroCodec } from '../../dataflow/codec.ts'
import { localRegistry } from '../../dataflow/embedded/local-registry.ts'
import type { RecordName } from '../../schemas/records.ts'
import { kalamHere } from './here.ts'
import { workFolder } from './kalam.ts'

interface Written {
  value: Uint8Array
  body: unknown
}
const written = vi.hoisted((): Written[] => [])

vi.mock('../../dataflow/embedded/tail.ts', async (original) => {
  const { openTail } = await original<typeof import('../../dataflow/embedded/tail.ts')>()
  return {
    openTail(mostBytes: number): ReturnType<typeof openTail> {
      const tail = openTail(mostBytes)
      return {
        ...tail,
        add(topic, partition, base, records) {
          for (const { value, body } of records) if (body !== undefined) written.push({ value, body: frozen(body) })
          tail.add(topic, partition, base, records)
        },
      }
    },
  }
})

/** A later change of it throws. */
const frozen = <Value>(value: Value): Value => {
  if (typeof value === 'object' && value !== null) for (const part of Object.values(Object.freeze(value))) frozen(part)
  return value
}

it('hands on bodies that are what their bytes decode to, and that nobody changes', async () => {
  const folder = workFolder()
  cpSync(join(import.meta.dirname, '../../examples/sample'), folder.path, {
    recursive: true,
    filter: (path) => !/\.kalam$|\/out$/.test(path),
  })
  const ran = await kalamHere(join(folder.path, 'pipeline.yaml'))('run')
  expect({ code: ran.code, err: ran.code === 0 ? '' : ran.err }).toEqual({ code: 0, err: '' })
  const registry = localRegistry({ file: join(folder.path, '.kalam/schemas.json') })
  const codec = await avroCodec(registry)
  const names = new Set<string>()
  for (const { value, body } of written) {
    const schema = await registry.schemaText(Buffer.from(value).readUInt32BE(1))
    const { name } = JSON.parse(schema) as { name: RecordName }
    names.add(name)
    expect(codec.decode(name, value)).toEqual(body)
  }
  expect([...names].sort()).toEqual(['Chunk', 'Message', 'Ranked', 'Scored', 'Translation'])
  folder.remove()
})
