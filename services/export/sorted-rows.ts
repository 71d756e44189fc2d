import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { byKey, mergedRuns, type SortedText, writeRun } from './sorted-runs.ts'

/**
 * Sorts texts by key outside memory: what fills `runBytes` goes to a file of `folder`, and at most `mostRuns` files are
 * merged at once. Texts are kept as bytes outside the heap, where a garbage collection neither moves nor waits for them.
 */
export const sortedRows = (folder: string, { runBytes = 32 * 2 ** 20, mostRuns = 32 } = {}) => {
  let files: string[] = []
  let made = 0
  let rows: { key: string; from: number; to: number }[] = []
  let bytes: Buffer | undefined
  let filled = 0

  const newFile = (): string => {
    mkdirSync(folder, { recursive: true })
    return join(folder, `run-${made++}`)
  }
  function* sorted(): Generator<SortedText> {
    for (const { key, from, to } of rows.sort(byKey)) yield { key, text: bytes!.subarray(from, to) }
  }
  const spill = async (): Promise<void> => {
    const file = newFile()
    await writeRun(file, sorted())
    files.push(file)
    rows = []
    filled = 0
  }
  /** Neighbours are merged, so that texts of equal keys keep their order. */
  const mergeFiles = async (): Promise<void> => {
    const merged: string[] = []
    for (let i = 0; i < files.length; i += mostRuns) {
      const some = files.slice(i, i + mostRuns)
      const file = newFile()
      await writeRun(file, mergedRuns(some))
      for (const old of some) rmSync(old)
      merged.push(file)
    }
    files = merged
  }
  /** In UTF-8, each good until the next one is asked for. */
  async function* merged(): AsyncGenerator<Buffer> {
    if (files.length === 0) {
      for (const { text } of sorted()) yield text
      return
    }
    if (rows.length > 0) await spill()
    bytes = undefined
    while (files.length > mostRuns) await mergeFiles()
    for await (const { text } of mergedRuns(files)) yield text
    rmSync(folder, { recursive: true, force: true })
  }

  return {
    async add(key: string, text: string): Promise<void> {
      // A UTF-16 unit takes at most three bytes: only near the end are they counted, which takes as long as writing them.
      if (!bytes || filled + 3 * text.length > bytes.length) {
        const length = Buffer.byteLength(text)
        if (rows.length > 0 && filled + length > runBytes) await spill()
        if (!bytes || bytes.length < length) bytes = Buffer.allocUnsafeSlow(Math.max(runBytes, length))
      }
      const to = filled + bytes.write(text, filled)
      rows.push({ key, from: filled, to })
      filled = to
    },
    merged,
  }
}
