import { writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { portChecks } from '../../services/translate/port-checks.ts'
import { echoProgram } from '../services/translate/backends/echo-program.ts'
import { kalam, workFolder } from '../system/kalam.ts'

const folder = workFolder({
  'chat.jsonl': '',
  'echo.mjs': echoProgram,
  'good.mjs': "export const translator = { fingerprint: '1', translate: ({ text }) => ({ text: '~' + text }) }",
  'deaf.mjs': "export const translator = { fingerprint: '1', slots: 2, translate: ({ text }) => ({ text: 1 }) }",
  'none.mjs': 'export const other = 1',
})
afterAll(folder.remove)

const suiteOf = (name: string, translators: string) => {
  const yaml = `pipeline: demo
sources: [{ name: chat, path: chat.jsonl }]
chunkings: { lines25: { by: lines } }
translators: ${translators}
rankings: {}
`
  writeFileSync(`${folder.path}/${name}.yaml`, yaml)
  return kalam(folder.path, 'config', 'check', `${name}.yaml`, '--suite')
}

describe('kalam config check --suite', () => {
  it('says whom it calls and lists every check of every translator', async () => {
    const { code, out, err } = await suiteOf(
      'sound',
      `{ letters: { backend: pseudo, chunking: lines25 }, mine: { backend: ./good.mjs, chunking: lines25 },
         program: { backend: exec, command: ["${process.execPath}", echo.mjs], chunking: lines25 } }`,
    )
    expect(err).toContain('calling mine, program: about 25 calls each, which may cost something\n')
    const checks = portChecks.map(({ name }) => `  ok      ${name}\n`).join('')
    expect(out).toBe(['letters', 'mine', 'program'].map((name) => `${name}\n${checks}`).join(''))
    expect(code).toBe(0)
  })

  it('ends with code 1 when a check fails, and says why', async () => {
    const { code, out, err } = await suiteOf('failing', '{ mine: { backend: ./deaf.mjs, chunking: lines25 } }')
    expect(out).toMatch(/^ {2}FAILED {2}answers a greeting\n {10}translating .* with mine: the answer has no "text"/m)
    expect(out).toMatch(/^ {2}ok {6}has a fingerprint/m)
    expect(err).toMatch(/\d failed; docs\/translators\.md/)
    expect(code).toBe(1)
  })

  it('names the key of a module that exports no translator', async () => {
    const { code, err } = await suiteOf('broken', '{ mine: { backend: ./none.mjs, chunking: lines25 } }')
    expect(err).toMatch(/error config_invalid: opening translators\.mine\.module: .*none\.mjs exports other/)
    expect(code).toBe(1)
  })
})
