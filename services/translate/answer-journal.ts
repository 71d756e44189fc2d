import { randomUUID } from 'node:crypto'
import { closeSync, ftruncateSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { isNamedAlive, ownProcessName } from '../../dataflow/living-process.ts'
import type { MemoryEntry } from './memory.ts'

/** An answer in a journal. */
export interface JournalEntry extends MemoryEntry {
  /** Counts the entries of a journal from 1, also over those that it has no more. */
  number: number
  /** Whether others are to be told of it. */
  isToShare: boolean
}

/**
 * A file of answers, each of which outlives the process as soon as it is written, which takes some microseconds, until a transaction has
 * them all.
 */
export interface AnswerJournal {
  /** Unique among processes, and among those of one. */
  readonly name: string
  /** Writes an entry, or throws what the disk says; then nothing of it is there. */
  append(entry: Omit<JournalEntry, 'number'>): JournalEntry
  /** All that was written is in the memory now. */
  clear(): void
  close(): void
}

const prefix = 'answers-'
const suffix = '.jsonl'
const pathOf = (folder: string, name: string) => join(folder, `${prefix}${name}${suffix}`)
/** From this size on a journal is emptied when it may be. */
const largeBytes = 4 * 2 ** 20

/** Makes a journal in a folder; its file comes with the first entry. */
export const answerJournal = (folder: string): AnswerJournal => {
  const name = `${ownProcessName()}-${randomUUID().slice(0, 8)}`
  let file: number | undefined
  let bytes = 0
  let number = 0
  return {
    name,
    append(entry) {
      file ??= openSync(pathOf(folder, name), 'ax')
      const numbered: JournalEntry = { number: number + 1, ...entry }
      const line = Buffer.from(`${JSON.stringify(numbered)}\n`)
      try {
        // On a full disk a part of it may be written first.
        for (let at = 0; at < line.length; ) at += writeSync(file, line, at)
      } catch (thrown) {
        ftruncateSync(file, bytes)
        throw thrown
      }
      bytes += line.length
      number++
      return numbered
    },
    clear() {
      if (file === undefined || bytes < largeBytes) return
      ftruncateSync(file, 0)
      bytes = 0
    },
    close() {
      if (file === undefined) return
      closeSync(file)
      file = undefined
      rmSync(pathOf(folder, name), { force: true })
    },
  }
}

/** Journals in a folder whose processes are no more, by name, with what they hold; what was not written to its end is left out. */
export const leftJournals = (folder: string): { name: string; entries: JournalEntry[]; remove(): void }[] =>
  readdirSync(folder)
    .filter((file) => file.startsWith(prefix) && file.endsWith(suffix))
    .map((file) => file.slice(prefix.length, -suffix.length))
    .filter((name) => !isNamedAlive(name.slice(0, name.lastIndexOf('-'))))
    .map((name) => {
      const path = pathOf(folder, name)
      return { name, entries: entriesOf(path), remove: () => rmSync(path, { force: true }) }
    })

const entriesOf = (path: string): JournalEntry[] => {
  const entries: JournalEntry[] = []
  for (const line of textOf(path).split('\n')) {
    try {
      entries.push(JSON.parse(line) as JournalEntry)
    } catch {
      // Its process died while it wrote this: the answer had not been given to anybody.
      return entries
    }
  }
  return entries
}

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    // Another process has taken them over meanwhile.
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown
    return ''
  }
}
