import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { embeddedLog } from '../../../dataflow/embedded/embedded-log.ts'
import { joinByHand, keysOf, outputOf, scanAll } from '../../contract/log/bench.ts'
import { workFolder } from '../work-folder.ts'

const openLog = async () => {
  const folder = join(workFolder(), 'log')
  const log = embeddedLog({ folder })
  await log.createTopics([{ topic: 'topic', partitions: 1 }])
  return { log, reopen: () => embeddedLog({ folder }) }
}

describe('closing the embedded log', () => {
  it('stops its groups first, which may commit what is under way', async () => {
    const { log, reopen } = await openLog()
    const { task, membership } = await joinByHand(log, { group: 'group', inputs: ['topic'] })
    const own = await task()
    const waiting = own.read('topic', 1000)
    const commit = own.commit([outputOf('topic', { key: 'under way' })], { topic: 0 })
    await log.close()
    await Promise.all([commit, waiting, membership.done])
    const again = reopen()
    expect(keysOf(await scanAll(again, 'topic'))).toEqual(['under way'])
    expect(await again.committed('group', 'topic')).toEqual([0])
    await again.close()
  })

  it('leaves nothing that could be used by mistake', async () => {
    const { log } = await openLog()
    const writer = await log.writer('writer')
    await writer.commit([outputOf('topic')])
    await log.close()
    await log.close()
    const closed = expect.objectContaining({ code: 'internal', message: expect.stringContaining('closed') })
    await expect(writer.commit([outputOf('topic')])).rejects.toEqual(closed)
    await expect(scanAll(log, 'topic')).rejects.toEqual(closed)
    await expect(log.createTopics([{ topic: 'new', partitions: 1 }])).rejects.toEqual(closed)
  })
})
