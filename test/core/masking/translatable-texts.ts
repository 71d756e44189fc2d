import { readFileSync } from 'node:fs'
import type { Turn } from '../../../core/conversation/model.ts'
import { parseMessage } from '../../../core/conversation/parse-message.ts'
import { chatTurns } from '../conversation/chat-turns.ts'

const folder = new URL('../../data/parallel/', import.meta.url)

/** The English and Arabic sides of a file of test/data/parallel. */
export function parallelTexts(name: string): { en: string; ar: string }[] {
  const rows = readFileSync(new URL(`${name}.jsonl`, folder), 'utf8')
    .trim()
    .split('\n')
  return rows.map((row) => {
    const { en, source, ar = '' } = JSON.parse(row) as Record<string, string>
    return { en: en ?? source ?? '', ar }
  })
}

/** The parts that are translated of every message of the chats and of every English side of the parallel texts. */
export function translatableTexts(): string[] {
  const files = ['react_docs', 'llm_translated_docs', 'polymath_latex', 'tico19', 'xquad', 'mhumaneval_expert_vs_mt']
  const documents = files.flatMap((name) => parallelTexts(name)).map(({ en }): Turn => ({ role: 'user', content: en }))
  return [...chatTurns(), ...documents]
    .flatMap(({ role, content }) => parseMessage(role, content))
    .filter(({ kind }) => kind === 'translate')
    .map(({ text }) => text)
}
