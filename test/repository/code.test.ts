import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../system/kalam.ts'
import { found, quantile, sourceFiles, topOf } from './files.ts'
import {
  callsOf,
  functionsOf,
  importsOf,
  lineAt,
  namedParts,
  type SyntaxNode,
  silentExports,
  syntaxNodes,
} from './syntax.ts'

const sources = sourceFiles()
const product = sources.filter(({ path }) => /^(core|dataflow|schemas|services|cli|docs|bench)\//.test(path))

/** What imports name, from the root: a file of the project, or a package. */
const targetsOf = ({ path, text }: { path: string; text: string }) =>
  importsOf(text).map(({ module, isType }) => ({
    target: module.startsWith('.') ? normalize(join(dirname(path), module)) : module,
    isType,
  }))

describe('imports', () => {
  const allowed: Record<string, string[]> = {
    schemas: ['schemas'],
    core: ['core', 'schemas'],
    dataflow: ['dataflow', 'core', 'schemas'],
    services: ['services', 'dataflow', 'core', 'schemas'],
    cli: ['cli', 'services', 'dataflow', 'core', 'schemas', 'package.json'],
  }

  it('go one way: core, dataflow, services, cli', () => {
    const wrong = product.flatMap((file) => {
      const layer = allowed[topOf(file.path)]
      return targetsOf(file)
        .filter(({ target }) => layer && existsSync(join(root, target)) && !layer.includes(topOf(target) || target))
        .map(({ target }) => `${file.path} imports ${target}`)
    })
    expect(wrong).toEqual([])
  })

  it('bring no package and no module of Node into core', () => {
    const core = sources.filter(({ path }) => path.startsWith('core/'))
    expect(core.length).toBeGreaterThan(20)
    const wrong = core.flatMap((file) =>
      targetsOf(file)
        .filter(({ target }) => !/^(core|schemas)\//.test(target))
        .map(({ target }) => `${file.path} ${target}`),
    )
    expect(wrong).toEqual([])
    expect(
      found(core, /\b(process\.|performance\.|Date\.now|new Date\(\)|Math\.random|fetch\(|setTimeout|console\.)/),
    ).toEqual([])
  })

  it('keep operators free of adapters', () => {
    const operators = sources.filter(({ path }) => path.startsWith('dataflow/operators/'))
    const wrong = operators.flatMap((file) =>
      targetsOf(file)
        .filter(({ target }) => !/^(dataflow\/(?!embedded|kafka)|schemas\/)/.test(target))
        .map(({ target }) => `${file.path} ${target}`),
    )
    expect(operators.length).toBeGreaterThan(4)
    expect(wrong).toEqual([])
  })

  it('leave it to cli to open logs, registries, memories, translators and warehouses', () => {
    const openers =
      /^dataflow\/(embedded|kafka)\/|^services\/(translate\/(lmdb-memory|open-translator)|land\/open-warehouse)\.ts$/
    const wrong = product
      .filter(({ path }) => !path.startsWith('cli/'))
      .flatMap((file) =>
        targetsOf(file)
          .filter(({ target, isType }) => !isType && openers.test(target) && dirname(target) !== dirname(file.path))
          .map(({ target }) => `${file.path} imports ${target}`),
      )
    expect(wrong).toEqual([])
  })

  it('leave the environment to cli', () => {
    // A child process of its own: variables are how its parent speaks to it, besides those that every child inherits.
    const isChild = (place: string) => /^services\/land\/chdb-(server|process|warehouse)\.ts:/.test(place)
    const reads = found(
      product.filter(({ path }) => /^(core|dataflow|services|schemas)\//.test(path)),
      /\bprocess\s*\.\s*env\b/,
    )
    expect(reads.filter(isChild).length).toBeGreaterThan(0)
    expect(reads.filter((place) => !isChild(place))).toEqual([])
  })

  it('and all relative names stay inside the project', () => {
    const wrong = sources.flatMap(({ path, text }) =>
      syntaxNodes(text)
        .filter(({ type, value }) => type === 'Literal' && typeof value === 'string' && /^\.\.?\/.*\//.test(value))
        .filter(({ value }) => normalize(join(dirname(path), String(value))).startsWith('..'))
        .map(({ value }) => `${path} ${String(value)}`),
    )
    expect(wrong).toEqual([])
  })
})

describe('sizes', () => {
  it('of files have a median of at most 100 lines, 250 for nine in ten, never over 400', () => {
    const lines = sources.map(({ text }) => text.split('\n').length - 1)
    expect(lines.length).toBeGreaterThan(100)
    expect(quantile(lines, 0.5)).toBeLessThanOrEqual(100)
    expect(quantile(lines, 0.9)).toBeLessThanOrEqual(250)
    expect(sources.filter((_, i) => lines[i]! > 400).map(({ path }) => path)).toEqual([])
  })

  it('of functions are at most 40 lines for nine in ten, never over 80', () => {
    const functions = product.flatMap(({ path, text }) => functionsOf(text).map((one) => ({ ...one, path })))
    // One-line callbacks say nothing about how long the real functions are.
    const blocks = functions.filter(({ lines }) => lines > 3).map(({ lines }) => lines)
    expect(blocks.length).toBeGreaterThan(300)
    expect(quantile(blocks, 0.9)).toBeLessThanOrEqual(40)
    expect(
      functions.filter(({ lines }) => lines > 80).map(({ path, line, lines }) => `${path}:${line} ${lines} lines`),
    ).toEqual([])
  })
})

describe('code', () => {
  const having = (type: string, isAllowed: (path: string, node: SyntaxNode) => boolean = () => false) =>
    sources.flatMap(({ path, text }) =>
      syntaxNodes(text)
        .filter((node) => node.type === type && !isAllowed(path, node))
        .map(({ start }) => `${path}:${lineAt(text, start)}`),
    )

  it('has no any, no enum and no default export', () => {
    expect(having('TSAnyKeyword')).toEqual([])
    expect(having('TSEnumDeclaration')).toEqual([])
    // vitest reads its settings from a default export.
    expect(having('ExportDefaultDeclaration', (path) => path === 'vitest.config.ts')).toEqual([])
  })

  it('has classes for errors only', () => {
    const isError = ({ superClass }: SyntaxNode) => /Error$/.test(String((superClass as SyntaxNode | null)?.name))
    expect(having('ClassDeclaration', (_, node) => isError(node))).toEqual([])
  })

  it('silences no check', () => {
    expect(found(sources, new RegExp(`@ts-(${'ignore|expect-error|nocheck'})|${'biome'}-ignore`))).toEqual([])
  })

  it('explains every export in a sentence', () => {
    expect(sources.flatMap(({ path, text }) => silentExports(text).map((line) => `${path}: ${line}`))).toEqual([])
  })
})

describe('tests', () => {
  const cases = sources
    .filter(({ path }) => path.startsWith('test/'))
    .flatMap(({ path, text }) => callsOf(text, 'it').map((call) => ({ ...call, path, file: text })))

  it('have sentences for names', () => {
    expect(cases.length).toBeGreaterThan(100)
    const wrong = cases.filter(
      ({ title }) => typeof title === 'string' && /^(should|test|it)\b|^\S+$|^\s|[.!]$/i.test(title),
    )
    expect(wrong.map(({ path, title }) => `${path}: ${String(title)}`)).toEqual([])
  })

  it('all expect something', () => {
    const expects = /\b(expect|assert)[\w.\s]*\(/
    const wrong = cases.filter(({ text, file }) => {
      const helpers = namedParts(file).filter((part) => expects.test(part.text))
      return !expects.test(text) && !helpers.some(({ name }) => text.includes(`${name}(`))
    })
    expect(wrong.map(({ path, title }) => `${path}: ${String(title)}`)).toEqual([])
  })
})
