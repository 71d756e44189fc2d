import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { charClass, codePointClass } from '../../../core/metrics/char-class.ts'

type Row = Record<string, string>

function tableOf(name: string): Row[] {
  const lines = readFileSync(new URL(`../../data/unicode/${name}.tsv`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
  const columns = lines[0]!.split('\t')
  return lines.slice(1).map((line) => Object.fromEntries(line.split('\t').map((cell, at) => [columns[at]!, cell])))
}

function codePointsOf(rows: Row[]): Set<number> {
  const all = new Set<number>()
  for (const { start, end } of rows) {
    for (let code = Number.parseInt(start!, 16); code <= Number.parseInt(end!, 16); code++) all.add(code)
  }
  return all
}

const arabic = codePointsOf(tableOf('arabic_scx_16.0'))
const assigned = codePointsOf(tableOf('scripts_16.0'))

it('calls Arabic exactly the letters and decimal digits whose Script_Extensions contain Arabic', () => {
  const wrong: string[] = []
  for (let code = 0; code < 0x110000; code++) {
    const expected = arabic.has(code) && /[\p{L}\p{Nd}]/u.test(String.fromCodePoint(code))
    if ((codePointClass(code) === charClass.arabic) !== expected) wrong.push(code.toString(16))
  }
  expect(arabic.size).toBe(1421)
  expect(wrong).toEqual([])
})

it('agrees with the table of extensions on which code points are Arabic', () => {
  const explicit = codePointsOf(tableOf('script_extensions_16.0'))
  const byExtension = codePointsOf(
    tableOf('script_extensions_16.0').filter((row) => row.script_extensions!.split(' ').includes('Arab')),
  )
  const byScript = codePointsOf(tableOf('scripts_16.0').filter((row) => row.script === 'Arabic'))
  for (const code of arabic) expect(byExtension.has(code) || (byScript.has(code) && !explicit.has(code))).toBe(true)
})

it('calls every other letter known to Unicode 16.0 a letter of another script', () => {
  const wrong: string[] = []
  for (const code of assigned) {
    if (arabic.has(code) || !/\p{L}/u.test(String.fromCodePoint(code))) continue
    if (codePointClass(code) !== charClass.latin) wrong.push(code.toString(16))
  }
  expect(wrong).toEqual([])
})

it('counts only ASCII digits as digits, and marks as nothing', () => {
  const digits = Array.from(assigned).filter((code) => codePointClass(code) === charClass.digit)
  expect(String.fromCodePoint(...digits)).toBe('0123456789')
  for (const code of codePointsOf(tableOf('inherited_16.0'))) expect(codePointClass(code)).toBe(charClass.none)
})

it('knows the 25 characters of White_Space', () => {
  const spaces: number[] = []
  for (let code = 0; code < 0x10000; code++) if (codePointClass(code) === charClass.space) spaces.push(code)
  expect(spaces).toHaveLength(25)
  expect(spaces).toContain(0x85)
  expect(spaces).not.toContain(0xfeff)
})
