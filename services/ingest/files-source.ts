import { type Dirent, statSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { KalamError } from '../../dataflow/error.ts'
import type { SourceConfig } from '../config.ts'
import { isExport } from '../export/export-folder.ts'
import { markAt } from './changed-file.ts'
import { dataExtensions, fileSplit, isDataFile, patternRoot } from './file-names.ts'
import { gzipExtent } from './gunzip-file.ts'
import { jsonlRows } from './jsonl-reader.ts'
import { parquetRowCount, parquetRows } from './parquet-reader.ts'
import type { SourceFile, SourceReader } from './source-reader.ts'

/** How a source's files are found and read. */
export interface FilesOptions {
  /** Folder that the source's path starts from. */
  base: string
  maxLineBytes: number
  /** Whether files may grow: then a last line that is not whole yet is left for later. */
  follow: boolean
}

/**
 * Reads a file, a folder with all below it, or a pattern with `*` (which stays within one step of a path). Files come in
 * byte order of their names; those and folders whose names begin with a dot are left out, and so are kalam's own exports below the
 * folder. KalamError missing_file.
 */
export const filesSource = (source: SourceConfig, options: FilesOptions): SourceReader => {
  const target = resolve(options.base, source.path)
  const root = rootOf(target)
  return {
    async files() {
      const found = await matchingFiles(target, root)
      if (found.length === 0) {
        throw new KalamError(
          'missing_file',
          `reading source ${source.name}: there is no ${dataExtensions.join(', ')} file at ${target}`,
          { hint: `Set path: of source ${source.name} in pipeline.yaml.` },
        )
      }
      return found.map(({ path, size }): SourceFile => {
        const file = relative(root, path).split(sep).join('/')
        return { file, split: source.split ?? fileSplit(path), size, growsBytewise: /\.(jsonl|ndjson)$/.test(file) }
      })
    },
    async extent({ file, size }) {
      if (file.endsWith('.parquet')) return parquetRowCount(join(root, file))
      return file.endsWith('.gz') ? gzipExtent(join(root, file), size) : size
    },
    mark: ({ file }, byte) => markAt(join(root, file), byte),
    rows({ file }, { from, line }, signal) {
      const path = join(root, file)
      const { maxLineBytes, follow } = options
      const rows = file.endsWith('.parquet')
        ? parquetRows({ path, from, follow, signal })
        : jsonlRows({ path, gzip: file.endsWith('.gz'), from, line, maxLineBytes, follow, signal })
      return orUnreadable(rows, source.name, file)
    },
  }
}

/** Errors of the file system with the file they are about and what to do. */
async function* orUnreadable<T>(rows: AsyncIterable<T>, source: string, file: string): AsyncGenerator<T> {
  try {
    yield* rows
  } catch (thrown) {
    if (!(thrown instanceof Error && 'errno' in thrown)) throw thrown
    throw new KalamError('missing_file', `reading source ${source}: ${file} cannot be read: ${thrown.message}`, {
      hint: 'What was read before is kept. Make the file readable and run the same command again.',
      cause: thrown,
    })
  }
}

/** The folder that file names are relative to. */
const rootOf = (target: string): string => {
  if (target.includes('*')) return patternRoot(target)
  // Spark writes folders whose names end in .parquet.
  const isFolder = statSync(target, { throwIfNoEntry: false })?.isDirectory()
  return isDataFile(target) && !isFolder ? dirname(target) : target
}

const matchingFiles = async (target: string, root: string): Promise<{ path: string; size: number }[]> => {
  const fits = target.includes('*') ? patternTest(target) : () => true
  const paths = target === root || target.includes('*') ? (await filesBelow(root)).filter(fits) : [target]
  const found = await Promise.all(paths.map(async (path) => ({ path, stats: await stat(path).catch(onlyIfMissing) })))
  return found
    .flatMap(({ path, stats }) => (stats?.isFile() ? [{ path, size: stats.size }] : []))
    .sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
}

const filesBelow = async (root: string): Promise<string[]> => {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(onlyIfMissing)
  // Links are followed: the caches of dataset tools hold links to the files.
  const isFile = (entry: Dirent) => entry.isFile() || entry.isSymbolicLink()
  const isExported = exportsBelow(root)
  return (entries ?? [])
    .filter((entry) => isFile(entry) && isDataFile(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !isHidden(relative(root, path)) && !isExported(dirname(path)))
}

const isHidden = (path: string): boolean => path.split(sep).some((step) => step.startsWith('.'))

/** Tells of folders below a root whether an export is in them or above: what came out does not come in again, unless it is named. */
const exportsBelow = (root: string): ((folder: string) => boolean) => {
  const known = new Map([[root, false]])
  const isExported = (folder: string): boolean => {
    const before = known.get(folder)
    if (before !== undefined) return before
    const found = isExport(folder) || isExported(dirname(folder))
    known.set(folder, found)
    return found
  }
  return isExported
}

const onlyIfMissing = (thrown: NodeJS.ErrnoException): undefined => {
  if (thrown.code !== 'ENOENT' && thrown.code !== 'ENOTDIR') throw thrown
}

const patternTest = (pattern: string): ((path: string) => boolean) => {
  const parts = pattern.split('*').map((text) => text.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
  const expression = new RegExp(`^${parts.join('[^/]*')}$`)
  return (path) => expression.test(path)
}
