import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { open } from 'lmdb'
import { expect, it, onTestFinished } from 'vitest'
import { lmdbTurns } from '../../../services/translate/lmdb-turns.ts'

const opened = () => {
  const folder = mkdtempSync(join(tmpdir(), 'kalam-turns-'))
  const db = open<string, string>({ path: join(folder, 'turns.mdb'), encoding: 'json' })
  const turns = lmdbTurns(db)
  onTestFinished(async () => {
    await turns.close()
    await db.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return { db, turns }
}

it('writes what one turn brings in order, each seeing the ones before it', async () => {
  const { db, turns } = opened()
  const append = (text: string) =>
    turns.write(() => {
      void db.put('all', `${db.get('all') ?? ''}${text}`)
      return db.get('all')
    })
  expect(await Promise.all(['a', 'b', 'c'].map(append))).toEqual(['a', 'ab', 'abc'])
  expect(await append('d')).toBe('abcd')
})

it('leaves nothing of a turn that fails, tells all of it, and goes on', async () => {
  const { db, turns } = opened()
  const fine = turns.write(() => db.put('fine', 'written'))
  const broken = turns.write(() => {
    throw new Error('no room')
  })
  expect(await Promise.allSettled([fine, broken])).toEqual([
    { status: 'rejected', reason: new Error('no room') },
    { status: 'rejected', reason: new Error('no room') },
  ])
  expect(db.get('fine')).toBeUndefined()
  await turns.write(() => void db.put('next', 'written'))
  expect(db.get('next')).toBe('written')
})

it('closes behind what waits, and touches a closed file no more', async () => {
  const { db, turns } = opened()
  const waiting = turns.write(() => void db.put('late', 'written'))
  await turns.close()
  await waiting
  expect(db.get('late')).toBe('written')
  await db.close()
  // Longer than a flush waits: one that came now would be an error that nobody catches.
  await sleep(100)
})
