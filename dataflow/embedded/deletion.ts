import type { Key } from 'lmdb'
import type { Database, Topic } from './database.ts'

/** Batches of records that one transaction deletes: other commits go on in between. */
const atOnce = 200

/** The parts of a position's key in the file: group, topic, partition. */
type PositionKey = [kind: string, group: string, topic: string, partition: number]

/** What deleting needs of a store. */
export interface DeletableStore {
  db(): Database
  topics: Map<string, Topic>
  /** Committed positions by the name that `positionName` gives them. */
  positions: Map<string, number>
  /** What a failed write means. */
  failure(thrown: unknown): Promise<unknown>
}

/** The store's deletions: what is held in memory goes first, so that nobody finds it while the file is written. */
export const deletionsOf = ({ db, topics, positions, failure }: DeletableStore) => {
  const writing = async (written: Promise<void>): Promise<void> => {
    try {
      await written
    } catch (thrown) {
      throw await failure(thrown)
    }
  }
  return {
    async deleteTopics(names: readonly string[]): Promise<void> {
      for (const name of names) {
        const known = topics.get(name)
        if (!known) continue
        const file = db()
        topics.delete(name)
        forgetPositions(positions, ({ topic: of }) => of === name)
        await writing(deleteTopic(file, name, known.id))
      }
    },
    async deleteGroups(names: readonly string[]): Promise<void> {
      const gone = new Set(names)
      const file = db()
      forgetPositions(positions, ({ group }) => gone.has(group))
      await writing(deletePositions(file, ([, group]) => gone.has(group)))
    },
  }
}

/**
 * Deletes a topic. First, in one transaction, its name, its ends and all positions in it, leaving a mark of its number; then its
 * records, in small transactions; then the mark. Pages become free for new records.
 */
const deleteTopic = async (db: Database, name: string, id: number): Promise<void> => {
  const positions = positionKeys(db, ([, , topic]) => topic === name)
  await db.batch(() => {
    db.put(['d', id], Buffer.from(name))
    db.remove(['t', name])
    for (const key of positions) db.remove(key as Key)
    for (const key of db.getKeys({ start: ['e', id], end: ['e', id + 1] })) db.remove(key)
  })
  await deleteRecords(db, id)
}

/** Ends the deletions that a crash broke off; before it no topic may be created, as numbers are used again. */
export const finishDeletions = (db: Database): void => {
  for (const key of [...db.getKeys({ start: ['d', 0], end: ['e'] })]) {
    const id = (key as [string, number])[1]
    db.transactionSync(() => {
      for (const record of db.getKeys({ start: ['r', id], end: ['r', id + 1] })) db.remove(record)
      db.remove(key)
    })
  }
}

const deleteRecords = async (db: Database, id: number): Promise<void> => {
  for (;;) {
    const keys = [...db.getKeys({ start: ['r', id], end: ['r', id + 1], limit: atOnce })]
    await db.batch(() => {
      for (const key of keys) db.remove(key)
      if (keys.length < atOnce) db.remove(['d', id])
    })
    if (keys.length < atOnce) return
  }
}

/** Deletes positions whose keys are wanted. */
const deletePositions = async (db: Database, isWanted: (key: PositionKey) => boolean): Promise<void> => {
  const keys = positionKeys(db, isWanted)
  await db.batch(() => {
    for (const key of keys) db.remove(key as Key)
  })
}

const positionKeys = (db: Database, isWanted: (key: PositionKey) => boolean): PositionKey[] =>
  [...db.getKeys({ start: ['p', ''], end: ['q'] })].map((key) => key as unknown as PositionKey).filter(isWanted)

/** Forgets positions that are held in memory, by the name that `positionName` gives them. */
const forgetPositions = (
  positions: Map<string, number>,
  isWanted: (of: { group: string; topic: string }) => boolean,
): void => {
  for (const name of positions.keys()) {
    const [group = '', topic = ''] = name.split('\0')
    if (isWanted({ group, topic })) positions.delete(name)
  }
}
