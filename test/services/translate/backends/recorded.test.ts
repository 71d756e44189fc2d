import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { KalamError } from '../../../../dataflow/error.ts'
import { recorded } from '../../../../services/translate/backends/recorded.ts'
import { workFolder } from '../../../system/kalam.ts'
import { requestOf } from '../fake-line.ts'

const folders: { remove(): void }[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) folder.remove()
})

const fileOf = (text: string): string => {
  const folder = workFolder({ 'recorded.jsonl': text })
  folders.push(folder)
  return join(folder.path, 'recorded.jsonl')
}
const rows = (...entries: Record<string, unknown>[]) => entries.map((entry) => JSON.stringify(entry)).join('\n')
const ask = (text: string, segment: string, system?: string) =>
  recorded({ file: fileOf(text), ...(system !== undefined && { system }) }).translateNow!(requestOf(segment)).text
const errorOf = (make: () => unknown): KalamError => {
  try {
    make()
  } catch (thrown) {
    if (thrown instanceof KalamError) return thrown
    throw thrown
  }
  throw new Error('nothing was thrown')
}

const lines = rows({ source: 'Hello.', target: 'مرحبا.' }, { source: 'How are you?', target: 'كيف حالك؟' })

describe('a segment', () => {
  it('is looked up as a whole before its lines are', () => {
    const both = `${lines}\n${rows({ source: 'Hello.\nHow are you?', target: 'مرحبا، كيف حالك؟' })}`
    expect(ask(both, 'Hello.\nHow are you?')).toBe('مرحبا، كيف حالك؟')
  })

  it('is put together of its lines, with their white space and those without a letter', () => {
    expect(ask(lines, '- 1\n  Hello.\t\n\n---\nHow are you?')).toBe('- 1\n  مرحبا.\t\n\n---\nكيف حالك؟')
  })

  it('keeps its Windows line breaks', () => {
    expect(ask(lines, 'Hello.\r\nHow are you?\r\n1')).toBe('مرحبا.\r\nكيف حالك؟\r\n1')
    expect(ask(rows({ source: 'a b\nc', target: 'ا ب\nج' }), 'a b\r\nc')).toBe('ا ب\r\nج')
    expect(ask(rows({ source: 'a b\r\nc', target: 'ا ب\r\nج' }), 'a b\nc')).toBe('ا ب\nج')
  })

  it('is found whatever white space stands around what was recorded', () => {
    expect(ask(rows({ source: ' Hello.\n', target: '\u00a0مرحبا.\n' }), 'Hello.')).toBe('مرحبا.')
  })

  it('has no translation when one of its lines has none', () => {
    const error = errorOf(() => ask(lines, 'Hello.\nGood bye.'))
    expect(error.code).toBe('no_translation')
    expect(error.message).toMatch(/^looking up .*recorded\.jsonl: no translation of "Good bye\."$/)
  })
})

describe('the file', () => {
  const systems = rows(
    { system: 'a', source: 'Hello.', target: 'أ' },
    { system: 'b', source: 'Hello.', target: 'ب' },
    { source: 'Hello.', target: 'ج' },
  )

  it('may hold several systems, of which one is asked for; the first recording counts', () => {
    expect(ask(systems, 'Hello.', 'b')).toBe('ب')
    expect(ask(systems, 'Hello.')).toBe('أ')
    expect(errorOf(() => ask(systems, 'Hello.', 'c')).code).toBe('no_translation')
  })

  it('may have a byte order mark, Windows line breaks and empty lines', () => {
    expect(ask(`\ufeff${lines.replaceAll('\n', '\r\n\r\n')}\r\n`, 'Hello.')).toBe('مرحبا.')
  })

  it.each([
    ['no JSON', '{"source": '],
    ['no text', '{"source": "a", "target": null}'],
    ['no object', '[]'],
    ['null', 'null'],
  ])('is refused with the place of a line that is %s', (_name, line) => {
    const error = errorOf(() => ask(`${lines}\n\n${line}\n`, 'Hello.'))
    expect(error.code).toBe('config_invalid')
    expect(error.message).toMatch(/^reading recorded translations: .*recorded\.jsonl:4: /)
  })

  it('is missed with the setting that names it', () => {
    const error = errorOf(() => recorded({ file: '/no/such/file.jsonl' }))
    expect(error).toMatchObject({ code: 'missing_file', hint: expect.stringContaining('translators.<name>.file') })
  })

  it('and the system make the fingerprint', () => {
    const file = fileOf(systems)
    const prints = [
      recorded({ file }).fingerprint,
      recorded({ file, system: 'a' }).fingerprint,
      recorded({ file: fileOf(lines) }).fingerprint,
    ]
    expect(new Set(prints).size).toBe(3)
    expect(recorded({ file: fileOf(systems) }).fingerprint).toBe(prints[0])
  })
})
