import { afterAll, describe, expect, it } from 'vitest'
import { KalamError } from '../../dataflow/error.ts'
import type { Problem } from '../../services/config-problems.ts'
import { parsePipeline } from '../../services/load-config.ts'
import { withOwnModules } from '../../services/own-module.ts'
import { workFolder } from '../system/kalam.ts'

const folder = workFolder({ 'mine.mjs': '', 'chat.jsonl': '' })
afterAll(folder.remove)
const env = { PATH: '/bin:/usr/bin', MY_KEY: 'k' }
const pipelineOf = (translator: string): string => `pipeline: demo
sources: [{ name: chat, path: chat.jsonl }]
chunkings: { lines25: { by: lines } }
translators:
  mine: { chunking: lines25, ${translator} }
rankings: {}
`
const parsed = (translator: string) =>
  parsePipeline(pipelineOf(translator), 'pipeline.yaml', { base: folder.path, env }).translators.mine
const failure = (translator: string): KalamError => {
  try {
    parsed(translator)
  } catch (thrown) {
    if (thrown instanceof KalamError) return thrown
    throw thrown
  }
  throw new Error('the pipeline is sound')
}
const problemsOf = (translator: string): string[] =>
  (failure(translator).details.problems as Problem[]).map(({ line, col, text }) => `${line}:${col} ${text}`)

describe('a translator of the user', () => {
  it('is a module, in its short form too', () => {
    const whole = parsed('backend: module, module: ./mine.mjs, options: { a: 1 }')
    expect(whole).toMatchObject({ backend: 'module', module: './mine.mjs', options: { a: 1 }, slots: 8, attempts: 5 })
    expect(parsed('backend: ./mine.mjs, options: { a: 1 }')).toEqual(whole)
    expect(withOwnModules({ translators: { a: { backend: '../x/y.ts' }, b: { backend: 'openai' }, c: 3 } })).toEqual({
      translators: { a: { backend: 'module', module: '../x/y.ts' }, b: { backend: 'openai' }, c: 3 },
    })
    for (const value of [undefined, null, 3, [], {}, { translators: [] }]) expect(withOwnModules(value)).toBe(value)
  })

  it('is a program with its variables', () => {
    expect(parsed('backend: exec, command: [sh, x.sh], pass: [MY_KEY]')).toMatchObject({
      ...{ backend: 'exec', command: ['sh', 'x.sh'], pass: ['MY_KEY'], version: '1' },
      ...{ slots: 8, timeout_s: 120, start_timeout_s: 300, samples: 1 },
    })
  })

  it('needs files, programs and variables that are there, and what is missing is named by its key', () => {
    expect(problemsOf('backend: ./other.mjs')).toEqual([
      `5:3 translators.mine.module: there is no ${folder.path}/other.mjs`,
    ])
    expect(problemsOf('backend: exec, command: [no-such-program]')).toEqual([
      '5:55 translators.mine.command: there is no program no-such-program in the folders of PATH',
    ])
    expect(problemsOf('backend: exec, command: [./run.sh]')).toEqual([
      `5:55 translators.mine.command[0]: there is no ${folder.path}/run.sh`,
    ])
    const unset = failure('backend: exec, command: [sh], pass: [MY_KEY, OTHER_KEY]')
    expect(unset).toMatchObject({ code: 'missing_setting', hint: expect.stringMatching(/^Set OTHER_KEY, or name/) })
    expect(unset.message).toContain('translators.mine.pass: the variable OTHER_KEY is not set')
  })

  it('needs a command and no value of a variable in the file', () => {
    expect(problemsOf('backend: exec')).toEqual(['5:3 translators.mine.command is missing: expected a list of texts'])
    expect(problemsOf('backend: exec, command: []')[0]).toContain('expected at least 1 in the list')
    expect(problemsOf('backend: exec, command: [sh], pass: ["KEY=secret"]')[0]).toContain(
      'write the name of a variable',
    )
    expect(problemsOf('backend: module')).toEqual(['5:3 translators.mine.module is missing: expected text'])
  })
})
