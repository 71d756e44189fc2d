import { describe, expect, it } from 'vitest'
import { bytesOf, type DiskState, diskState, watchDisk } from '../../services/disk-room.ts'

const gib = 2 ** 30

describe('min_free', () => {
  it('is a size, or a share of the disk', () => {
    expect(bytesOf('5 GiB', 100)).toBe(5 * gib)
    expect(bytesOf('1.5MiB', 100)).toBe(1.5 * 2 ** 20)
    expect(bytesOf('10 %', 500)).toBe(50)
  })

  it('lets sources wait below it, and translators below half of it', () => {
    const states = [10, 9.9, 5, 4.9].map((free) => diskState({ free: free * gib, total: 1000 * gib }, '10 GiB'))
    expect(states).toEqual(['enough', 'sources_wait', 'sources_wait', 'translators_wait'])
  })
})

describe('a watched disk', () => {
  it('tells each change, and lets sources go on by itself when there is room again', async () => {
    let free = 1 * gib
    const told: DiskState[] = []
    const disk = await watchDisk({
      read: async () => ({ free, total: 100 * gib }),
      minFree: '10 GiB',
      everyMs: 5,
      onChange: (state) => told.push(state),
    })
    const signal = new AbortController().signal
    let gone = false
    const room = disk.room(signal).then(() => {
      gone = true
    })
    free = 7 * gib
    await expect.poll(() => disk.state).toBe('sources_wait')
    expect(gone).toBe(false)
    free = 20 * gib
    await room
    expect(told).toEqual(['translators_wait', 'sources_wait', 'enough'])
    disk.stop()
  })

  it('lets nobody wait behind an abort', async () => {
    const read = async () => ({ free: 0, total: 100 })
    const disk = await watchDisk({ read, minFree: '1 GiB', everyMs: 1000, onChange: () => undefined })
    await disk.room(AbortSignal.timeout(20))
    expect(disk.state).toBe('translators_wait')
    disk.stop()
  })
})
