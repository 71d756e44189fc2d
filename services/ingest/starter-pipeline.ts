import { dirname, relative, resolve } from 'node:path'
import { stringify } from 'yaml'
import { fileSplit } from './file-names.ts'
import type { ShapeGuess } from './guess-shape.ts'

/** A commented pipeline.yaml for a data file, ready to run with the pseudo translator. */
export const starterPipeline = (file: string, output: string, guess: ShapeGuess): string => {
  const name = fileSplit(resolve(file)).replaceAll('.', '_').slice(0, 100)
  const pipeline = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-|-$/g, '')
  const path = relative(dirname(resolve(output)), resolve(file))
  const columns = guess.columns ? `\n${indent(stringify({ columns: guess.columns }), 4)}` : ''
  const ids = guess.parsed > 0 && guess.idColumn !== undefined ? ownIds(guess.idColumn, columns !== '') : ''
  const toDo = guess.parsed > 0 ? '' : noColumnsYet
  return `# ${guess.parsed > 0 ? guess.description : 'no row could be read as a conversation yet: see columns'}
pipeline: ${scalar(pipeline || 'pipeline')}
partitions: 4

sources:
  - name: ${scalar(name)}
    path: ${JSON.stringify(path)}${columns}${ids}${toDo}

# How messages are cut for the translators: by tokens, or by lines.
chunkings:
  tokens490: { by: tokens, target: 490, window: 50, limit: 512 }
  lines25: { by: lines, count: 25, limit: 4000 }

translators:
  # Maps letters to letters: no translation, but everything runs without a key or a GPU.
  pseudo: { backend: pseudo, chunking: tokens490 }
  # A model on your GPU server (vLLM), e.g. SEEDX_URL=http://gpu-1:8000/v1
  # seedx:  { backend: openai, api: completions, url: $SEEDX_URL, model: ByteDance-Seed/Seed-X-PPO-7B, prompt: seed-x, chunking: tokens490 }
  # A model behind an API; the key stays in the environment.
  # gemma3: { backend: openai, api: chat, url: https://openrouter.ai/api/v1, key: $OPENROUTER_API_KEY, model: google/gemma-3-27b-it, prompt: instruct, chunking: lines25, sampling: { temperature: 0.7 } }

# Of every conversation the best candidate; keep says what it must pass.
rankings:
  release: { candidates: [pseudo], keep: { complete: true, lr: ">= 0.4", scr: ">= 0.8" } }
`
}

/** What stands in place of columns that could not be guessed. */
const noColumnsYet = `
    # Say here which columns make a conversation, either a list of messages or a question and its answer:
    # columns: { messages: data.conversations, role: from, content: value, roles: { human: user, gpt: assistant } }
    # columns: { user: question, context: passage, assistant: answer, think: reasoning }
    columns: { messages: "" }`

/** How rows are known by their own ids, as a comment: of those that come again in later rows only the first would come in. */
const ownIds = (column: string, isBelowColumns: boolean): string => {
  const setting = `id: ${scalar(column)}`
  return `
    # Rows are known by their position. To know them by their own ids, of which none may come twice:
    ${isBelowColumns ? `#   ${setting}` : `# columns: { ${setting} }`}`
}

/** Names such as 2024 or null in quotes, so that they stay texts. */
const scalar = (text: string): string => stringify(text).trimEnd()

const indent = (text: string, spaces: number): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => ' '.repeat(spaces) + line)
    .join('\n')
