import type { LocalMemory } from './lmdb-memory.ts'
import type { KnownAnswer, Memory, MemoryEntry } from './memory.ts'
import type { TranslateAnswer } from './translator.ts'

const batchAnswers = 1000

/**
 * The memory of this machine before a shared one. What is known here asks nobody; what is not is looked for there and copied. A put
 * resolves when both have it, with the answer that was there first, so that whatever is made of an answer is made of one that others
 * get too. Calls that were given up stay here, and give way to an answer that others had meanwhile. Bills are settled here alone, before
 * that. Answers that a crash kept from the shared memory are put there before anything
 * else is. `count` and `entries` are of this machine.
 */
export const tieredMemory = (local: LocalMemory, shared: Memory): LocalMemory => {
  /** Answers that stand here, but perhaps not for long. */
  const pending = new Map<string, Promise<unknown>>()
  let begun: Promise<void> | undefined

  const share = async (entries: KnownAnswer[]): Promise<TranslateAnswer[]> => {
    const shareable = entries.filter(({ answer }) => !answer.failure)
    const standing = await shared.put(shareable)
    const told = await local.outbox.told(shareable.map(({ key }, i) => ({ key, answer: standing[i]! })))
    const here = new Map(shareable.map(({ key }, i) => [key, told[i]!]))
    return entries.map(({ key, answer }) => here.get(key) ?? answer)
  }
  /** The same entries, with what others had meanwhile in the place of calls that were given up. */
  const withTheirs = async (entries: MemoryEntry[]): Promise<MemoryEntry[]> => {
    const keys = entries.flatMap(({ key, answer }) => (answer.failure ? [key] : []))
    if (keys.length === 0) return entries
    const theirs = await shared.get(keys)
    const found = new Map(keys.map((key, i) => [key, theirs[i]]))
    return entries.map((entry) => ({ ...entry, answer: found.get(entry.key) ?? entry.answer }))
  }
  const shareLeft = async (keys: string[]): Promise<void> => {
    for (let at = 0; at < keys.length; at += batchAnswers) {
      const some = keys.slice(at, at + batchAnswers)
      const answers = await local.get(some)
      await share(some.flatMap((key, i) => (answers[i] ? [{ key, answer: answers[i] }] : [])))
    }
  }
  const whilePending = (keys: string[], work: Promise<unknown>): void => {
    for (const key of keys) pending.set(key, work)
    const end = () => {
      for (const key of keys) if (pending.get(key) === work) pending.delete(key)
    }
    work.then(end, end)
  }
  /** Shares what an earlier process left. */
  const begin = (): void => {
    if (begun) return
    const keys = local.outbox.keys()
    begun = shareLeft(keys)
    whilePending(keys, begun)
  }

  return {
    ...local,
    async get(keys) {
      begin()
      await Promise.allSettled(keys.flatMap((key) => pending.get(key) ?? []))
      const answers = await local.get(keys)
      const missing = keys.filter((_, i) => answers[i] === undefined)
      if (missing.length === 0) return answers
      const found = await shared.get(missing)
      const copies = missing.flatMap((key, i) => (found[i] ? [{ key, answer: found[i] }] : []))
      const kept = copies.length > 0 ? await local.put(copies) : []
      const copied = new Map(copies.map(({ key }, i) => [key, kept[i]!]))
      return keys.map((key, i) => answers[i] ?? copied.get(key))
    },
    keep: (entries) => local.keep(entries, true),
    async put(entries) {
      begin()
      const work = withTheirs(entries)
        .then((best) => local.outbox.put(best))
        .then((kept) => share(entries.map(({ key }, i) => ({ key, answer: kept[i]! }))))
      whilePending(
        entries.map(({ key }) => key),
        work,
      )
      return work
    },
    async remove(keys) {
      const there = await shared.remove(keys)
      return Math.max(there, await local.remove(keys))
    },
    async close() {
      await shared.close()
      await Promise.allSettled([begun, ...pending.values()])
      await local.close()
    },
  }
}
