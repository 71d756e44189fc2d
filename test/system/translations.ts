import { join } from 'node:path'
import { avroCodec } from '../../dataflow/codec.ts'
import { embeddedLog } from '../../dataflow/embedded/embedded-log.ts'
import { localRegistry } from '../../dataflow/embedded/local-registry.ts'
import type { Chunk, Translation } from '../../schemas/records.ts'
import { lmdbMemory } from '../../services/translate/lmdb-memory.ts'

/** A record with its place: conversation id and index. */
export interface AtPlace<Body> {
  place: string
  body: Body
}

/** What a pipeline that nobody runs has of one translator line. */
export interface LineContent {
  chunks: AtPlace<Chunk>[]
  translations: AtPlace<Translation>[]
  /** Answers in the translation memory. */
  remembered: number
}

/** Reads the chunks and translations of a line, and counts the memory. */
export const readLine = async (
  folder: string,
  { pipeline, chunking, line }: { pipeline: string; chunking: string; line: string },
): Promise<LineContent> => {
  const log = embeddedLog({ folder: join(folder, '.kalam/log') })
  const memory = lmdbMemory({ folder: join(folder, '.kalam/memory') })
  try {
    const codec = await avroCodec(localRegistry({ file: join(folder, '.kalam/schemas.json') }))
    const partitions = await log.topics()
    const read = async <Body>(topic: string, record: 'Chunk' | 'Translation'): Promise<AtPlace<Body>[]> => {
      const found: AtPlace<Body>[] = []
      for (let partition = 0; partition < (partitions[topic] ?? 0); partition++) {
        for await (const records of log.scan(topic, partition, 0)) {
          await codec.prepare(records)
          for (const { key, value, headers } of records)
            found.push({ place: `${key}#${headers.index}`, body: codec.decode(record, value) as Body })
        }
      }
      return found
    }
    return {
      chunks: await read<Chunk>(`${pipeline}.chunks.${chunking}`, 'Chunk'),
      translations: await read<Translation>(`${pipeline}.translations.${line}`, 'Translation'),
      remembered: await memory.count(),
    }
  } finally {
    await memory.close()
    await log.close()
  }
}
