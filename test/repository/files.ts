import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../system/kalam.ts'
import { lineAt } from './syntax.ts'

const ignored = new Set(['node_modules', '.git', '.kalam', '.kafka', 'out', 'coverage'])
const generated = new Set(['schemas/records.ts', 'docs/pipeline.md', 'docs/pipeline.schema.json'])

/** Paths of all files of the project from its root, in byte order, without what git ignores. */
export const projectFiles = (folder = ''): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !ignored.has(name) && !name.endsWith('.tgz'))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      return entry.isDirectory() ? projectFiles(path) : [path]
    })
    .sort()

/** The text of a file of the project. */
export const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Every TypeScript file that people write, with its text. */
export const sourceFiles = (): { path: string; text: string }[] =>
  projectFiles()
    .filter((path) => path.endsWith('.ts') && !generated.has(path))
    .map((path) => ({ path, text: read(path) }))

/** The folder at the root that a path is in; '' for files at the root. */
export const topOf = (path: string): string => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '')

/** The value below which a share of the numbers is. */
export const quantile = (numbers: number[], share: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))] ?? 0

/** Where an expression finds something, as `path:line`. */
export const found = (among: { path: string; text: string }[], pattern: RegExp): string[] =>
  among.flatMap(({ path, text }) =>
    [...text.matchAll(new RegExp(pattern, 'gi'))].map(({ index }) => `${path}:${lineAt(text, index)}`),
  )
