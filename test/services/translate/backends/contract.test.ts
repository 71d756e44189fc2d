import { exec } from '../../../../services/translate/backends/exec.ts'
import { moduleTranslator } from '../../../../services/translate/backends/module.ts'
import { pseudo, pseudoText } from '../../../../services/translate/backends/pseudo.ts'
import { recorded } from '../../../../services/translate/backends/recorded.ts'
import { greeting } from '../../../../services/translate/calls/retried.ts'
import { hardTexts, longText } from '../../../../services/translate/port-checks.ts'
import { translatorContract } from '../../../contract/translator.ts'
import { fakeOpenai } from '../../../fake-openai/server.ts'
import { workFolder } from '../../../system/kalam.ts'
import { backendOf } from '../fake-line.ts'
import { echoProgram, execOptions } from './echo-program.ts'

translatorContract('pseudo', () => ({ translator: pseudo(), expected: pseudoText }))

translatorContract('recorded', () => {
  const rows = [greeting, longText, ...Object.values(hardTexts)].map((source) => ({
    source,
    target: pseudoText(source),
  }))
  const folder = workFolder({ 'answers.jsonl': rows.map((row) => JSON.stringify(row)).join('\n') })
  const translator = recorded({ file: `${folder.path}/answers.jsonl` })
  return { translator, expected: pseudoText, close: async () => folder.remove() }
})

translatorContract('openai', async () => {
  const { url, close } = await fakeOpenai()
  return { translator: backendOf(url), expected: pseudoText, close }
})

translatorContract('exec', () => {
  const folder = workFolder({ 'echo.mjs': echoProgram })
  const translator = exec(execOptions(folder.path))
  return { translator, expected: (text) => `~${text}`, close: async () => folder.remove() }
})

translatorContract('module', () => ({
  translator: moduleTranslator({
    ...{ name: 'mine', options: {}, timeoutMs: 5000, slots: 8, now: Date.now },
    own: { fingerprint: '1', translate: async ({ text }) => ({ text: `~${text}` }) },
  }),
  expected: (text) => `~${text}`,
}))
