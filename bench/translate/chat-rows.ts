import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const chat = fileURLToPath(new URL('../../test/data/chat/', import.meta.url))
/** The longest conversation taken, in characters of its JSON: the peers were measured without longer ones. */
const longest = 30_000

interface Turn {
  role: string
  content: string
}

/** Conversations of the peers' measurement: 2,000 with about 7,241 messages. */
export const peersConversations = 2000

/**
 * Rows of the chat data over and over, as JSON lines. Every line of text says which row it is in, so that no two rows ask a
 * translator for the same; code, tags and JSON stay as they are.
 */
export const chatRows = (conversations: number): string[] => {
  const rows = readdirSync(chat)
    .sort()
    .flatMap((name) => readFileSync(chat + name, 'utf8').split('\n'))
    .filter((line) => line !== '' && line.length < longest)
    .map((line) => (JSON.parse(line) as { messages: Turn[] }).messages)
  // A step that shares no factor with their number spreads all kinds over the whole.
  const step = [389, 397, 401].find((prime) => rows.length % prime !== 0) ?? 1
  return Array.from({ length: conversations }, (_, i) => {
    const messages = rows[(i * step) % rows.length]!
    return JSON.stringify({ messages: messages.map((turn) => ({ ...turn, content: numbered(turn.content, i) })) })
  })
}

const numbered = (text: string, row: number): string =>
  text.replace(/^([-*#>\d. ]*)(?=[A-Z][a-z ])/gm, (start) => `${start}Row ${row}: `)

/** Messages in rows. */
export const messagesIn = (rows: readonly string[]): number =>
  rows.reduce((sum, row) => sum + (JSON.parse(row) as { messages: Turn[] }).messages.length, 0)
