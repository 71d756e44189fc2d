/** A child process: translates a text with the memory in a folder, prints the answer and never ends. */
import { lmdbMemory } from '../../../services/translate/lmdb-memory.ts'
import { remembered } from '../../../services/translate/with-memory.ts'
import { backendOf, calm, requestOf } from './fake-line.ts'

const [url = '', folder = '', text = ''] = process.argv.slice(2)
const translator = remembered(backendOf(url), lmdbMemory({ folder }))
const answer = await translator.translate(requestOf(text), { signal: calm })
process.stdout.write(`${answer.text}\n`)
setInterval(() => {}, 1000)
