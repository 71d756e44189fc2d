import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { embeddedLog } from '../../../dataflow/embedded/embedded-log.ts'
import type { Log } from '../../../dataflow/log.ts'
import { keysOf, scanAll } from '../../contract/log/bench.ts'
import { workFolder } from '../work-folder.ts'
import { startChild } from './child.ts'
import { recordsOf } from './committer-outputs.ts'

/** Every partition holds whole commits from the first on, at contiguous offsets; returns how many. */
const wholeCommits = async (log: Log): Promise<number> => {
  const [commits = 0, ...others] = await log.committed('committer', 'in')
  expect(others).toEqual([undefined, undefined])
  const keys = Array.from({ length: commits }, (_, n) =>
    Array.from({ length: recordsOf(n) }, (_, i) => `${n}.${i}`),
  ).flat()
  for (const topic of ['one', 'two']) {
    for (const partition of [0, 1, 2]) {
      const records = await scanAll(log, topic, { partition })
      expect(keysOf(records)).toEqual(keys)
      expect(records.map(({ offset }) => offset)).toEqual(keys.map((_, offset) => offset))
      expect(records.every(({ value, timestamp }) => Buffer.alloc(value.length, timestamp % 251).equals(value))).toBe(
        true,
      )
      expect((await log.ends(topic))[partition]).toBe(keys.length)
    }
  }
  return commits
}

describe('the embedded log in a process that dies', () => {
  it('keeps every acknowledged commit and no half one through kill -9', async () => {
    const folder = join(workFolder(), 'log')
    let acknowledged = -1
    for (const [round, afterCommits] of [1, 4, 7, 12].entries()) {
      const child = startChild('committer.ts', [folder, String(6 * 2 ** 20)])
      for (let i = 0; i < afterCommits; i++) acknowledged = Number(await child.line())
      // A large commit is under way for some milliseconds: rounds die at different moments of it.
      await new Promise((resolve) => setTimeout(resolve, round * 3))
      child.kill('SIGKILL')
      acknowledged = Number((await child.rest()).at(-1) ?? acknowledged)
      expect((await child.ended).signal).toBe('SIGKILL')
      const log = embeddedLog({ folder })
      const commits = await wholeCommits(log)
      // The last one may be on disk although nobody heard of it.
      expect([acknowledged + 1, acknowledged + 2]).toContain(commits)
      await log.close()
    }
    expect(acknowledged).toBeGreaterThanOrEqual(20)
  })

  it('says disk_full when a file may not grow, loses nothing committed and goes on when there is room', async () => {
    const folder = join(workFolder(), 'log')
    const child = startChild('committer.ts', [folder, String(2 ** 20)], { fileKilobytes: 6 * 1024 })
    const lines = await child.rest()
    const last = lines.pop()
    expect(last).toMatch(/^disk_full: writing to .*log: the disk is full or a size limit is reached \(.+\)$/)
    expect(last).toContain(folder)
    const end = await child.ended
    expect(end).toMatchObject({ code: 0, signal: null })
    expect(lines.length).toBeGreaterThan(5)
    expect(lines).toEqual(lines.map((_, n) => String(n)))

    const log = embeddedLog({ folder })
    expect(await wholeCommits(log)).toBe(lines.length)
    await log.close()
    const again = startChild('committer.ts', [folder, '0'])
    expect(await again.line()).toBe(String(lines.length))
    again.kill('SIGKILL')
    await again.ended
  })

  it.each([0, 16])('says disk_full when %i kilobytes are no room to begin', async (fileKilobytes) => {
    const folder = join(workFolder(), 'log')
    const child = startChild('committer.ts', [folder], { fileKilobytes })
    const end = await child.ended
    expect(end.code).toBe(1)
    expect(readdirSync(folder).filter((name) => name.startsWith('owner'))).toEqual([])
    expect(end.err).toContain('disk_full')
  })
})
