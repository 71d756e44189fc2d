import { readdirSync, readFileSync } from 'node:fs'
import type { Turn } from '../../../core/conversation/model.ts'

const folder = new URL('../../data/chat/', import.meta.url)

/** Every message of the files of test/data/chat whose names begin with `prefix`. */
export function chatTurns(prefix = ''): Turn[] {
  const files = readdirSync(folder).filter((name) => name.startsWith(prefix))
  return files.flatMap((name) =>
    readFileSync(new URL(name, folder), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .flatMap((line) => (JSON.parse(line) as { messages: Turn[] }).messages),
  )
}
