import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import { describe, expect, it } from 'vitest'
import { embeddedLog } from '../../../dataflow/embedded/embedded-log.ts'
import { claimOwner } from '../../../dataflow/embedded/owner.ts'
import { workFolder } from '../work-folder.ts'
import { startChild } from './child.ts'

describe('the owner of a state folder', () => {
  it('is named to the second opener, who has to wait', async () => {
    const folder = workFolder()
    const child = startChild('committer.ts', [folder])
    await child.line()
    expect(() => embeddedLog({ folder })).toThrow(
      expect.objectContaining({
        code: 'state_in_use',
        message: expect.stringContaining(`process ${child.pid} `),
        hint: expect.stringContaining(`kill ${child.pid}`),
        details: { pid: child.pid },
      }),
    )
    child.kill('SIGKILL')
    await child.ended
    await embeddedLog({ folder }).close()
  })

  it('is refused twice in one process', async () => {
    const folder = workFolder()
    const log = embeddedLog({ folder })
    expect(() => embeddedLog({ folder })).toThrow(expect.objectContaining({ code: 'state_in_use' }))
    await log.close()
    await embeddedLog({ folder }).close()
  })

  it.each([
    ['a dead process', '4194999 12345'],
    ['a process whose number another one has now', `${process.ppid} 1`],
    ['nothing', ''],
    ['something else', '../x\n'],
  ])('is replaced where the mark names %s', (_, mark) => {
    const folder = workFolder()
    writeFileSync(join(folder, 'owner'), mark)
    const release = claimOwner(folder)
    expect(readFileSync(join(folder, 'owner'), 'utf8')).toMatch(new RegExp(`^${process.pid} \\d+$`))
    release()
    expect(readdirSync(folder)).toEqual([])
  })

  it('is replaced also where the process that began to replace it died', () => {
    const folder = workFolder()
    writeFileSync(join(folder, 'owner'), '4194999 12345')
    writeFileSync(join(folder, 'owner.after-4194999-12345'), '4194998 54321')
    const release = claimOwner(folder)
    expect(readdirSync(folder)).toEqual(['owner'])
    release()
  })

  it('is exactly one of many that find a dead one at the same time', async () => {
    const folder = workFolder()
    for (let round = 0; round < 2; round++) {
      writeFileSync(join(folder, 'owner'), `4194999 ${round}`)
      const start = String(Date.now() + 1200)
      const children = Array.from({ length: 4 }, () => startChild('claimer.ts', [folder, start]))
      const said = await Promise.all(children.map((child) => child.line()))
      expect(said.filter((line) => line === 'owner')).toHaveLength(1)
      expect(said.filter((line) => line === 'state_in_use')).toHaveLength(3)
      for (const child of children) child.kill('SIGKILL')
      await Promise.all(children.map((child) => child.ended))
    }
  })
})

describe('the format of a state folder', () => {
  it('is checked: another version is refused and stays usable for its own kalam', async () => {
    const folder = workFolder()
    await embeddedLog({ folder }).close()
    const change = async (from: string, to: string) => {
      const db = open({ path: join(folder, 'log.mdb'), encoding: 'binary' })
      expect(db.get(['m', 'format']).toString()).toBe(from)
      await db.put(['m', 'format'], Buffer.from(to))
      await db.close()
    }
    await change('1', '99')
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(() => embeddedLog({ folder })).toThrow(
        expect.objectContaining({
          code: 'state_of_other_version',
          message: expect.stringMatching(/format is 99.*writes 1/),
        }),
      )
    }
    await change('99', '1')
    await embeddedLog({ folder }).close()
  })

  it('is written into a folder that is not there yet', async () => {
    const folder = join(workFolder(), 'deep', 'below')
    await embeddedLog({ folder }).close()
    expect(existsSync(folder)).toBe(true)
    await embeddedLog({ folder }).close()
  })
})
