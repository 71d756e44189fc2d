import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { root, startProcess, workFolder } from '../system/kalam.ts'

const folder = workFolder()
afterAll(() => folder.remove())
for (const name of ['bin', 'cli', 'core', 'dataflow', 'schemas', 'services', 'package.json', 'package-lock.json'])
  cpSync(join(root, name), join(folder.path, name), { recursive: true })
symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'))

const kalam = (...args: string[]) => startProcess([join(folder.path, 'bin/kalam.js'), ...args], folder.path).ended
const builds = () => readdirSync(join(folder.path, 'dist'))
const append = (text: string) => appendFileSync(join(folder.path, 'cli/version.ts'), text)

describe('the command in a clone', () => {
  it('is compiled once, also when several begin at once', async () => {
    const all = await Promise.all([kalam('--version'), kalam('--version'), kalam('--version')])
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    expect(all.map(({ code, out, err }) => ({ code, out: out.trim(), err }))).toEqual(
      all.map(() => ({ code: 0, out: version, err: '' })),
    )
    expect(builds()).toHaveLength(1)
    await kalam('--version')
    expect(builds()).toHaveLength(1)
  })

  it('leaves the packages that call a model out of what every command loads', async () => {
    await kalam('--version')
    const [build = ''] = builds()
    const loaded = new Set(['main.js'])
    const packages = new Set<string>()
    for (const file of loaded) {
      const text = readFileSync(join(folder.path, 'dist', build, file), 'utf8')
      for (const [, name = ''] of text.matchAll(/^(?:import|\} from) .*?"\.\/(.*?)";$/gm)) loaded.add(name)
      for (const [, name = ''] of text.matchAll(/^ *\/\/ \S*node_modules\/(\w+)\//gm)) packages.add(name)
    }
    expect(loaded.size).toBeGreaterThan(1)
    expect(['zod', 'openai'].filter((name) => packages.has(name))).toEqual(['zod'])
  })

  it('is compiled anew when a source has changed, and not when that is undone', async () => {
    const before = readFileSync(join(folder.path, 'cli/version.ts'))
    append("\nprocess.stdout.write('changed\\n')\n")
    expect((await kalam('--version')).out).toContain('changed')
    expect(builds()).toHaveLength(2)
    writeFileSync(join(folder.path, 'cli/version.ts'), before)
    expect((await kalam('--version')).out).not.toContain('changed')
    expect(builds()).toHaveLength(2)
  })

  it('keeps some builds and removes older ones', async () => {
    for (let change = 0; change < 9; change++) {
      append(`// ${change}\n`)
      await kalam('--version')
    }
    expect(builds()).toHaveLength(8)
  })

  it('removes what a compiler left that was killed', async () => {
    const long = new Date(Date.now() - 2 * 3_600_000)
    for (const name of ['0123456789abcdef.1', '0123456789abcdef.2']) mkdirSync(join(folder.path, 'dist', name))
    utimesSync(join(folder.path, 'dist/0123456789abcdef.1'), long, long)
    append('// again\n')
    await kalam('--version')
    expect(builds().filter((name) => name.includes('.'))).toEqual(['0123456789abcdef.2'])
  })

  it('says what to do where it cannot write what it compiles', async () => {
    renameSync(join(folder.path, 'dist'), join(folder.path, 'kept'))
    writeFileSync(join(folder.path, 'dist'), '')
    const { code, err } = await kalam('--version')
    rmSync(join(folder.path, 'dist'))
    renameSync(join(folder.path, 'kept'), join(folder.path, 'dist'))
    expect(code).toBe(1)
    expect(err).toMatch(
      /^error cannot_compile: .*dist cannot be written: .*\n\n {2}Whoever owns that folder runs kalam --help there once/,
    )
    expect(err).not.toContain('    at ')
  })

  it('names lines of the TypeScript when something fails inside', async () => {
    append("\nthrow new Error('inside')\n")
    const { code, err } = await kalam('--version')
    expect(code).not.toBe(0)
    expect(err).toMatch(/cli\/version\.ts:\d+/)
  })

  it('says what is wrong with a source that cannot be compiled', async () => {
    append('\nconst = \n')
    const { code, err } = await kalam('--version')
    expect(code).not.toBe(0)
    expect(err).toContain('cli/version.ts')
    expect(err).toContain('error cannot_compile')
    expect(err).not.toMatch(/\n\s+at /)
  })
})
