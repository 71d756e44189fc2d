import { basename, dirname } from 'node:path'

/** File names that the readers understand end in one of these. */
export const dataExtensions = ['.jsonl', '.jsonl.gz', '.ndjson', '.ndjson.gz', '.parquet'] as const

/** Whether a file's name says that a reader understands it. */
export const isDataFile = (path: string): boolean => dataExtensions.some((extension) => path.endsWith(extension))

/** The folder of a pattern with `*`: the one before its first step with a star. */
export const patternRoot = (pattern: string): string => dirname(pattern.slice(0, pattern.indexOf('*') + 1))

/**
 * The split that a file's name stands for: without extensions and without the shard number of files such as
 * `train-00000-of-00012.parquet`, so that all shards are one split.
 */
export const fileSplit = (path: string): string =>
  splitName(
    basename(path)
      .replace(/\.(jsonl|ndjson|parquet)(\.gz)?$/, '')
      .replace(/-\d{5}-of-\d{5}$/, ''),
  )

/** A text in the letters that names of splits may have; every other one becomes `_`. */
export const splitName = (text: string): string => {
  const name = text.toWellFormed().replace(/[^A-Za-z0-9._-]/gu, '_')
  return /^\.*$/.test(name) ? '_'.repeat(Math.max(1, name.length)) : name
}
