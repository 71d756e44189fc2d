import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { KalamError } from '../../dataflow/error.ts'
import type { SourceConfig } from '../config.ts'
import { jsonlRows } from './jsonl-reader.ts'
import { parquetRows } from './parquet-reader.ts'
import type { SourceFile, SourceReader } from './source-reader.ts'

const extensions = ['.jsonl', '.jsonl.gz', '.ndjson', '.parquet']

/** Reads a file, a folder or a pattern with `*`; files in byte order of their names. KalamError missing_file. */
export const filesSource = (
  source: SourceConfig,
  options: { base: string; maxLineBytes: number; follow: boolean },
): SourceReader => {
  const target = resolve(options.base, source.path)
  const root = rootOf(target)
  return {
    async files() {
      const paths = await matchingFiles(target, root)
      if (paths.length === 0) {
        throw new KalamError(
          'missing_file',
          `reading source ${source.name}: no ${extensions.join(', ')} file at ${target}`,
          {
            hint: `Set path: of source ${source.name} in pipeline.yaml.`,
          },
        )
      }
      return Promise.all(paths.map((path) => describe(source, root, path)))
    },
    rows(file, start, signal) {
      const path = join(root, file.file)
      const { from, position, line } = start
      if (file.file.endsWith('.parquet')) return parquetRows({ path, from, position, signal })
      const { maxLineBytes, follow } = options
      return jsonlRows({ path, gzip: file.file.endsWith('.gz'), from, position, line, maxLineBytes, follow, signal })
    },
  }
}

/** The folder that file names are relative to: of a single file or a pattern, the one before its first variable step. */
const rootOf = (target: string): string => {
  const star = target.indexOf('*')
  if (star >= 0) return dirname(target.slice(0, star + 1))
  return extensions.some((extension) => target.endsWith(extension)) ? dirname(target) : target
}

const matchingFiles = async (target: string, root: string): Promise<string[]> => {
  if (!target.includes('*')) {
    const found = await stat(target).catch(() => undefined)
    if (!found) return []
    if (found.isFile()) return [target]
  }
  const all = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = all
    .filter((entry) => entry.isFile() && extensions.some((extension) => entry.name.endsWith(extension)))
    .map((entry) => join(entry.parentPath, entry.name))
  const pattern = target.includes('*')
    ? new RegExp(`^${target.split('*').map(escapePattern).join('[^/]*')}$`)
    : undefined
  return files
    .filter((file) => !pattern || pattern.test(file))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

const escapePattern = (text: string): string => text.replace(/[\\^$.|?+()[\]{}]/g, '\\$&')

const describe = async (source: SourceConfig, root: string, path: string): Promise<SourceFile> => ({
  file: relative(root, path).split(sep).join('/'),
  split: source.split ?? splitName(basename(path)),
  size: (await stat(path)).size,
})

/** A file's name without extensions, in the letters that names of splits may have. */
export const splitName = (name: string): string =>
  name.replace(/\.(jsonl|ndjson|parquet)(\.gz)?$/, '').replace(/[^A-Za-z0-9._-]/g, '_')
