import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { processIo } from '../cli/io.ts'
import { runProgram } from '../cli/program.ts'
import { generateRecords } from '../schemas/generate.ts'
import { found, projectFiles, read } from './repository/files.ts'
import { root } from './system/kalam.ts'

const files = projectFiles()
const pages = files.filter((path) => path.endsWith('.md'))

describe('files', () => {
  it('of code have kebab-case names that say what is in them', () => {
    const code = files.filter((path) => path.endsWith('.ts'))
    expect
      .soft(
        code.filter((path) => !/^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*(\.test|\.config)?\.ts$/.test(path)),
      )
      .toEqual([])
    expect
      .soft(code.filter((path) => /(^|[/-])(utils?|helpers?|common|misc|types)(\.test)?\.ts$/.test(path)))
      .toEqual([])
  })

  it('name no package host and no path of one machine', () => {
    // Rows of datasets may hold any text.
    const texts = files
      .filter(
        (path) => !/\.(jsonl|tsv|gz|parquet|bin|avro|woff2?|png|ico)$/.test(path) && !path.startsWith('test/data/raw/'),
      )
      .map((path) => ({ path, text: read(path) }))
    const hosts = ['npmjs', 'yarnpkg', 'pypi', 'pythonhosted', 'jfrog', 'artifactory', 'nexus', 'verdaccio'].join('|')
    const folders = ['home', 'Users', 'root', 'work', 'workspace', 'private', 'mnt'].join('|')
    expect
      .soft(found(texts, new RegExp(`https?://[^\\s"'<>]*(${hosts})[.:/]|\\b(registry|npm)\\.(${hosts})\\.`, 'i')))
      .toEqual([])
    expect.soft(found(texts, new RegExp(`(?<![\\w.:/)*-])/(${folders})/[\\w.]|[A-Z]:\\\\\\\\?Users`))).toEqual([])
    expect.soft(found(texts, new RegExp(`\\.\\./${'shared'}\\b`))).toEqual([])
  })

  it('of record types are what npm run generate makes of the schemas', () => {
    expect(read('schemas/records.ts')).toBe(generateRecords())
  })

  it('of data are listed with source and licence', () => {
    const rows = licensedRows(read('test/data/README.md'))
    const data = files.filter((path) => path.startsWith('test/data/') && !path.endsWith('README.md'))
    const isListed = (path: string) => rows.some(([name = '']) => matches(name, path.slice('test/data/'.length)))
    expect(data.length).toBeGreaterThan(20)
    expect(data.filter((path) => !isListed(path))).toEqual([])
  })

  it('of examples are named on the page of their folder, with source and licence of what is in them', () => {
    const examples = files.filter((path) => path.startsWith('examples/') && !path.endsWith('README.md'))
    const unnamed = examples.filter((path) => {
      const folder = path.split('/').slice(0, 2).join('/')
      const page = read(`${folder}/README.md`)
      const name = path.slice(folder.length + 1)
      return licensedRows(page).length === 0 || !(name === 'pipeline.yaml' || page.includes(name.split('/')[0] ?? ''))
    })
    expect(examples.length).toBeGreaterThan(4)
    expect(unnamed).toEqual([])
  })

  it('of the sample hold no conversation without source and licence', () => {
    const listed = licensedRows(read('examples/sample/README.md')).map(([id]) => id)
    const seen = new Map<string, number>()
    const rows = read('examples/sample/conversations.jsonl').trim().split('\n')
    const ids = rows.map((line) => {
      const { split } = JSON.parse(line) as { split: string }
      const row = seen.get(split) ?? 0
      seen.set(split, row + 1)
      return `sample/${split}/${row}`
    })
    expect(listed.toSorted()).toEqual(ids.toSorted())
  })
})

describe('package.json', () => {
  const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Record<string, unknown>> }
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'] as const

  it('pins exact versions, and the lock file holds them', () => {
    for (const kind of kinds) {
      expect(lock.packages['']?.[kind] ?? {}).toEqual(manifest[kind] ?? {})
      for (const [name, version] of Object.entries(manifest[kind] ?? {})) {
        expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/)
        expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version)
      }
    }
  })

  it('asks for Node 20.20 or newer, and no package asks for more', () => {
    expect(manifest.engines?.node).toBe('>=20.20')
    expect(lock.packages['']?.engines).toEqual(manifest.engines)
    const asking = Object.entries(lock.packages).flatMap(([path, { engines }]) => {
      const node = (engines as { node?: string } | undefined)?.node
      return node === undefined || takesNode20(node) ? [] : [`${path} asks for Node ${node}`]
    })
    expect(asking).toEqual([])
  })

  it('has a lock file with the optional packages of every platform, which npm ci needs', () => {
    const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {})
        .filter((name) => !resolves(path, name, lock.packages))
        .map((name) => `${path || 'package.json'} wants ${name}`),
    )
    expect(missing).toEqual([])
  })

  it('has a lock file with a checksum of every package but those its registry does not offer', () => {
    // chDB's packages of other platforms are listed by hand: their checksums are not known, their versions are.
    const byHand = /^node_modules\/@chdb\/lib-/
    const unknown = Object.entries(lock.packages).filter(([path, { integrity }]) => path !== '' && !integrity)
    expect(unknown.map(([path]) => path).filter((path) => !byHand.test(path))).toEqual([])
    const asked = lock.packages['node_modules/chdb']?.optionalDependencies ?? {}
    expect(Object.keys(asked).length).toBeGreaterThan(3)
    for (const [name, version] of Object.entries(asked))
      expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version)
  })

  it('has a lock file that names no host', () => {
    expect(
      Object.entries(lock.packages)
        .filter(([, entry]) => 'resolved' in entry)
        .map(([path]) => path),
    ).toEqual([])
  })

  it('has scripts whose files exist', () => {
    const named = Object.values(manifest.scripts ?? {}).flatMap((script) => script.match(/\S+\.(ts|js|yaml)\b/g) ?? [])
    expect(named.length).toBeGreaterThan(3)
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})

describe('pages', () => {
  it('link to what is there', () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !/^[a-z]+:/.test(target) && !linkResolves(page, target))
        .map((target) => `${page} links to ${target}`),
    )
    expect(broken).toEqual([])
  })

  it('name scripts and commands that exist', async () => {
    let help = ''
    const out = (text: string) => {
      help += text
    }
    await runProgram(['--help'], { ...processIo(), out }, () => Promise.resolve(0))
    const commands = [...help.slice(help.indexOf('Commands:')).matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name)
    expect(commands).toContain('run')
    const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts)
    const wrong = pages.flatMap((page) => {
      const text = read(page)
      return [
        ...[...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].filter(([, name = '']) => !scripts.includes(name)),
        ...[...text.matchAll(/(?:kalam -- |`kalam )([a-z][a-z-]*)/g)].filter(([, name]) => !commands.includes(name)),
      ].map(([whole]) => `${page}: ${whole}`)
    })
    expect(wrong).toEqual([])
  })
})

/** Cells of the rows of those tables of a page that have a source and a licence in every row. */
function licensedRows(page: string): string[][] {
  return page.split(/\n(?!\|)/).flatMap((block) => {
    const lines = block.split('\n').filter((line) => line.startsWith('|'))
    const [head = [], , ...rows] = lines.map((line) =>
      line
        .replaceAll('\\|', '¦')
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    const places = ['source', 'licence'].map((name) => head.indexOf(name))
    return places.includes(-1) ? [] : rows.filter((row) => places.every((place) => row[place]))
  })
}

function matches(pattern: string, path: string): boolean {
  return new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`).test(path)
}

/** Whether a package is found from another one's place, as Node looks for it. */
function resolves(from: string, name: string, packages: Record<string, unknown>): boolean {
  const path = `${from === '' ? '' : `${from}/`}node_modules/${name}`
  if (path in packages) return true
  return from !== '' && resolves(from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))), name, packages)
}

/** Whether a range of versions has 20.20, as far as ranges of packages are written. */
function takesNode20(range: string): boolean {
  return range.split('||').some((part) => {
    const [, sign, major = '0', minor = '0'] = /^\s*(>=|>|\^|~)?\s*v?(\d+)(?:\.(\d+|x))?/.exec(part) ?? []
    const isBelow = Number(major) < 20 || (Number(major) === 20 && (minor === 'x' || Number(minor) <= 20))
    return part.trim() === '*' || (isBelow && (sign === '>=' || sign === '>' || Number(major) === 20))
  })
}

function linkResolves(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? page : normalize(join(dirname(page), path))
  if (file.startsWith('..') || !existsSync(join(root, file))) return false
  if (anchor === undefined || !file.endsWith('.md')) return true
  const slugs = [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  )
  return slugs.includes(anchor)
}
