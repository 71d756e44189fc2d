import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { read } from '../repository/files.ts'
import { root, startProcess, workFolder } from '../system/kalam.ts'
import { imageProblem, knownVariables } from './known.ts'

const dockerfile = read('deploy/Dockerfile')
/** Instructions with their continuation lines joined. */
const instructions = dockerfile
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => line.trim().replaceAll(/\s+/g, ' '))
const of = (name: string) =>
  instructions.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1))
/** What the last stage takes from the project: pairs of a path there and a path in the image. */
const copied = of('COPY')
  .filter((line) => !line.startsWith('--from'))
  .slice(1)
  .flatMap((line) => {
    const paths = line.split(' ')
    const to = paths.pop()!
    return paths.map((from) => [from, to === './' ? from : to] as const)
  })

const folder = workFolder()
afterAll(() => folder.remove())

describe('the image', () => {
  it('is built on an exact version of Node, on glibc, and ends as a user without rights', () => {
    const [node = ''] = of('ARG').map((line) => line.replace(/^NODE=/, ''))
    expect(imageProblem(node)).toBeUndefined()
    expect(node).toMatch(/^node:\d+\.\d+\.\d+-\w+-slim$/)
    expect(of('FROM').every((from) => from.startsWith(`\${NODE}`))).toBe(true)
    expect(instructions.indexOf('USER node')).toBeGreaterThan(instructions.lastIndexOf(`COPY cli cli`))
    expect(of('ENTRYPOINT')).toEqual(['["kalam"]'])
    const compiling = instructions.indexOf('RUN node bin/kalam.js --help')
    expect(compiling).toBeGreaterThan(instructions.lastIndexOf('COPY cli cli'))
    expect(compiling).toBeLessThan(instructions.indexOf('USER node'))
  })

  it('takes only the packages that run, as the lock file has them', () => {
    expect(of('RUN')).toContain('npm ci --omit=dev')
    expect(of('COPY')[0]).toBe('package.json package-lock.json .npmrc ./')
  })

  it('gets from the build context what it copies, and nothing else', () => {
    const [all, ...kept] = read('.dockerignore')
      .replaceAll(/^#.*\n/gm, '')
      .trim()
      .split('\n')
    expect(all).toBe('*')
    const needed = [...copied.map(([from]) => from), 'package.json', 'package-lock.json', '.npmrc']
    expect(kept.toSorted()).toEqual([...new Set(needed)].map((path) => `!${path}`).sort())
    expect(needed.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  it('sets variables that the code reads', () => {
    const set = of('ENV').flatMap((line) => [...line.matchAll(/(\w+)=/g)].map(([, name]) => name!))
    expect(set.length).toBeGreaterThan(2)
    expect(set.filter((name) => name !== 'NODE_ENV' && !knownVariables.has(name))).toEqual([])
  })

  it('has the version of package.json', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string }
    expect(of('ARG')).toContain(`VERSION=${version}`)
    for (const path of ['docker-compose.yml', '.env.example', 'deploy/kubernetes/kustomization.yaml'])
      expect(read(path), path).toMatch(new RegExp(`(kalam:|newTag: )${version.replaceAll('.', '\\.')}\\b`))
  })

  it('holds all that the command needs: what is copied runs the sample', async () => {
    for (const [from, to] of copied) {
      mkdirSync(dirname(join(folder.path, 'app', to)), { recursive: true })
      cpSync(join(root, from), join(folder.path, 'app', to), { recursive: true })
    }
    symlinkSync(join(root, 'node_modules'), join(folder.path, 'app/node_modules'))
    cpSync(join(root, 'examples/sample'), join(folder.path, 'sample'), {
      recursive: true,
      filter: (path) => !/\.kalam$|\/out$/.test(path),
    })
    const kalam = (...args: string[]) =>
      startProcess([join(folder.path, 'app/bin/kalam.js'), ...args], folder.path).ended
    const ran = await kalam('run', 'sample/pipeline.yaml')
    expect({ code: ran.code, err: ran.code === 0 ? '' : ran.err }).toEqual({ code: 0, err: '' })
    expect(existsSync(join(folder.path, 'sample/out/release/README.md'))).toBe(true)
  })
})
