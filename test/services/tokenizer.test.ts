import { expect, it } from 'vitest'
import { KalamError } from '../../dataflow/error.ts'
import { loadTokenizer } from '../../services/tokenizer.ts'
import { llamaPath } from '../core/tokens/native-count.ts'

function thrownBy(load: () => unknown): KalamError {
  try {
    load()
  } catch (error) {
    if (error instanceof KalamError) return error
  }
  throw new Error('expected a KalamError')
}

it('finds the shipped tokenizer by its name', () => {
  expect(loadTokenizer('llama3.1')('Hello, world!')).toBe(4)
})

it('reads a tokenizer once per process, whatever it is called', () => {
  expect(loadTokenizer(llamaPath)).toBe(loadTokenizer('llama3.1'))
})

it('says what to write when the file is missing', () => {
  const error = thrownBy(() => loadTokenizer('no/such/tokenizer.json'))
  expect(error.code).toBe('missing_file')
  expect(error.message).toContain('no/such/tokenizer.json')
  expect(error.hint).toContain('llama3.1')
})

it('refuses a file that is no byte-level tokenizer', () => {
  const packageJson = new URL('../../package.json', import.meta.url).pathname
  const error = thrownBy(() => loadTokenizer(packageJson))
  expect(error.code).toBe('config_invalid')
  expect(error.message).toContain('model is missing')
})
