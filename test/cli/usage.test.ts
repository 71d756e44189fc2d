import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Io } from '../../cli/io.ts'
import { runProgram } from '../../cli/program.ts'
import { kalam, workFolder } from '../system/kalam.ts'

const commands = [
  'init',
  'run',
  'work',
  'dead-letters list',
  'dead-letters show',
  'plan',
  'estimate',
  'status',
  'report',
  'export',
  'inspect',
  'why',
  'sql',
  'verify',
  'try',
  'memory stats',
  'memory export',
  'memory import',
  'memory prune',
  'config check',
]

/** Runs a command line in this process; it may not open a pipeline. */
const usage = async (...argv: string[]): Promise<{ code: number; out: string; err: string }> => {
  const ended = { code: 0, out: '', err: '' }
  const io: Io = {
    out: (text) => {
      ended.out += text
    },
    err: (text) => {
      ended.err += text
    },
    env: {},
    cwd: '.',
    columns: 100,
    isTty: false,
  }
  ended.code = await runProgram(argv, io, () => Promise.reject(new Error('a pipeline was opened')))
  return ended
}

describe('help', () => {
  it('names every command, the steps of a first use, and the exit codes', async () => {
    const { code, out } = await usage('--help')
    expect(code).toBe(0)
    for (const command of commands) expect(out).toMatch(new RegExp(`^ {2}${command.split(' ')[0]}\\b`, 'm'))
    expect(out).toContain('kalam init data.jsonl')
    expect(out).toContain('Exit codes: 0 done, 1 failed, 2 wrong usage')
  })

  for (const command of commands) {
    it(`of ${command} says what it does and shows it at work`, async () => {
      const { code, out, err } = await usage(...command.split(' '), '--help')
      expect([code, err]).toEqual([0, ''])
      expect(out).toContain(`Usage: kalam ${command}`)
      expect(out).toMatch(new RegExp(`Examples:\\n(.*\\n)* {2}(CI=1 )?kalam ${command}`))
      for (const option of out.match(/^ {2}-.*$/gm) ?? []) expect(option, option).toMatch(/ {2,}\S.* \S/)
    })
  }

  it('of commands that begin with the pipeline lets it be named as others do', async () => {
    for (const command of ['run', 'plan', 'estimate', 'config check']) {
      const { code, err } = await usage(...command.split(' '), 'a.yaml', '-p', 'b.yaml')
      expect([code, err]).toEqual([2, expect.stringContaining('both a.yaml and b.yaml are named')])
    }
  })

  it('shows the version', async () => {
    expect((await usage('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('wrong usage', () => {
  it('ends with 2 and says what was probably meant', async () => {
    const { code, out, err } = await usage('statsu')
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain("unknown command 'statsu'")
    expect(err).toContain('Did you mean status?')
  })

  for (const [what, argv] of [
    ['an unknown option', ['status', '--jsno']],
    ['a missing argument', ['inspect']],
    ['one argument too many', ['why', 'a', 'b']],
    ['a value that is no choice', ['sql', '--format', 'xml', 'SELECT 1']],
    ['a sample of no rows', ['run', '--sample', '0']],
    ['a sample that is to go on for ever', ['run', '--sample', '5', '--follow']],
    ['a rate that is none', ['estimate', '--tokens-per-second', 'fast']],
    ['no command at all', []],
  ] as const) {
    it(`ends with 2 for ${what}`, async () => {
      const { code, out, err } = await usage(...argv)
      expect([code, out]).toEqual([2, ''])
      expect(err.trim()).not.toBe('')
    })
  }
})

const pipeline = `
pipeline: planned
sources: [{ name: talk, path: talk.jsonl }]
chunkings: { lines25: { by: lines } }
translators:
  first: { backend: pseudo, chunking: lines25 }
rankings:
  release: { candidates: [first] }
`

describe('a pipeline that is not as it should be', () => {
  const folder = workFolder()
  const write = (name: string, text: string) => writeFileSync(join(folder.path, name), text)

  beforeAll(() => {
    write('pipeline.yaml', pipeline)
    write('talk.jsonl', `${JSON.stringify({ messages: [{ role: 'user', content: 'Hello.' }] })}\n`)
    mkdirSync(join(folder.path, 'elsewhere'))
  })
  afterAll(() => folder.remove())

  it('is planned before it runs, and nothing is made by that', async () => {
    const { code, out, err } = await kalam(folder.path, 'plan')
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^ingest +talk +new +talk\.jsonl: 1 file, \d+ B\n/)
    expect(out).toMatch(/translate +first +new +! pseudo, no translation; reads lines25\n/)
    expect(out).toMatch(/rank +release +new +first; keeps complete, lr >= 0\.4, scr >= 0\.8\n/)
    const status = await kalam(folder.path, 'status')
    expect([status.code, status.out]).toEqual([1, ''])
    expect(status.err).toMatch(
      /^error not_found: opening .*: this pipeline has not run yet\n\n {2}kalam run pipeline\.yaml\n$/,
    )
  })

  it('ends with 1 and a hint where there is none', async () => {
    const { code, err } = await kalam(join(folder.path, 'elsewhere'), 'run')
    expect(code).toBe(1)
    expect(err).toContain('error missing_file: reading pipeline.yaml: there is no such file')
    expect(err).toContain('kalam init <data file>')
  })

  it('is no data file', async () => {
    const { code, err } = await kalam(folder.path, 'run', 'talk.jsonl')
    expect([code, err]).toEqual([2, expect.stringContaining('reading talk.jsonl: this is a data file')])
    expect(err).toContain('kalam init talk.jsonl')
  })

  it('ends with 2 when init would write over a file', async () => {
    const { code, err } = await kalam(folder.path, 'init', 'talk.jsonl')
    expect(code).toBe(2)
    expect(err).toContain('error usage: writing pipeline.yaml: it is there already')
  })

  it('is compared with what was built: new lines, goes on, and what would stop a run', async () => {
    expect((await kalam(folder.path, 'run')).code).toBe(0)
    expect((await kalam(folder.path, 'plan')).out).toMatch(/rank +release +goes on[^\n]*\n\nNothing was edited/)
    write('more.yaml', `${pipeline}  more: { candidates: [first], keep: { complete: false, lr: ">= 0.5" } }\n`)
    expect((await kalam(folder.path, 'plan', 'more.yaml')).out).toMatch(/rank +more +new +first; keeps lr >= 0\.5\n/)
    write('source.yaml', pipeline.replace('sources: [', 'sources: [{ name: later, path: talk.jsonl }, '))
    const added = await kalam(folder.path, 'plan', 'source.yaml')
    expect(added.out).toMatch(/ingest +later +new [^\n]*\ningest +talk +goes on/)
    expect(added.out).toContain('\nNew sources come in behind what is there; all lines go on.\n')
    write('renamed.yaml', pipeline.replace('release:', 'best:').replace('name: talk', 'name: later'))
    const renamed = await kalam(folder.path, 'plan', 'renamed.yaml')
    expect(renamed.out).toMatch(/ingest +talk +not named +its conversations stay in\nrank +release +not named +what it/)
    expect(renamed.out).toMatch(/rank +best +new /)
    expect(renamed.out).toContain('\nNew lines are built from all that came in; the others go on.\n')
    write('edited.yaml', pipeline.replace('by: lines', 'by: lines, count: 3'))
    expect((await kalam(folder.path, 'plan', '-p', 'more.yaml')).out).toMatch(/rank +more +new /)
    const edited = await kalam(folder.path, 'plan', 'edited.yaml')
    expect(edited.code).toBe(1)
    expect(edited.out).toContain('! chunk lines25: chunking.count: 25 became 3')
    expect(edited.out).toMatch(/chunk +lines25 +edited[^\n]*\ntranslate +first +with it /)
    expect(edited.out).toContain('A run would stop.')
    write('talk.jsonl', `${JSON.stringify({ messages: [{ role: 'user', content: 'Another one, and longer.' }] })}\n`)
    const changed = await kalam(folder.path, 'plan')
    expect([changed.code, changed.out]).toEqual([
      1,
      expect.stringContaining('! reading source talk: talk.jsonl was changed:'),
    ])
    expect(changed.out).toMatch(/\nA run would stop\.\n$/)
    expect((await kalam(folder.path, 'run')).err).toContain('talk.jsonl was changed')
    expect(edited.out).toContain(
      '  kalam replay lines25   chunk lines25, translate first, score first, rank release: 1 conversation again\n',
    )
  })
})
