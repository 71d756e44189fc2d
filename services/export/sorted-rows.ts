import { once } from 'node:events'
import { createReadStream, createWriteStream, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

interface Keyed {
  key: string
  text: string
}

/** Sorts texts by key outside memory: runs of `runBytes` go to files of `folder`, then are merged. Texts hold no \n. */
export const sortedRows = (folder: string, runBytes = 64 * 2 ** 20) => {
  const runs: string[] = []
  let rows: Keyed[] = []
  let bytes = 0
  const byKey = (a: Keyed, b: Keyed) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)

  const spill = async (): Promise<void> => {
    mkdirSync(folder, { recursive: true })
    const file = join(folder, `run-${runs.length}`)
    const out = createWriteStream(file)
    for (const { key, text } of rows.sort(byKey)) if (!out.write(`${key}\t${text}\n`)) await once(out, 'drain')
    out.end()
    await once(out, 'finish')
    runs.push(file)
    rows = []
    bytes = 0
  }

  async function* merged(): AsyncGenerator<string> {
    if (runs.length === 0) {
      for (const { text } of rows.sort(byKey)) yield text
      return
    }
    if (rows.length > 0) await spill()
    const sources = runs.map(linesOf)
    const next = async (i: number): Promise<Keyed | undefined> => {
      const line = await sources[i]!.next()
      if (line.done) return undefined
      const tab = line.value.indexOf('\t')
      return { key: line.value.slice(0, tab), text: line.value.slice(tab + 1) }
    }
    const heads = await Promise.all(runs.map((_, i) => next(i)))
    for (;;) {
      let lowest = -1
      heads.forEach((head, i) => {
        if (head && (lowest < 0 || byKey(head, heads[lowest]!) < 0)) lowest = i
      })
      if (lowest < 0) break
      yield heads[lowest]!.text
      heads[lowest] = await next(lowest)
    }
    rmSync(folder, { recursive: true, force: true })
  }

  return {
    /** Keys hold no tab and no line break. */
    async add(key: string, text: string): Promise<void> {
      rows.push({ key, text })
      bytes += text.length * 2
      if (bytes >= runBytes) await spill()
    },
    merged,
  }
}

/** Lines end at \n alone: readline also breaks at U+2028, which JSON texts may hold. */
async function* linesOf(file: string): AsyncGenerator<string, void> {
  let rest = ''
  for await (const piece of createReadStream(file, { encoding: 'utf8', highWaterMark: 2 ** 18 })) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop()!
    yield* lines
  }
}
