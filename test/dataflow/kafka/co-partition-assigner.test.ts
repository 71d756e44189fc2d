import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AssignedMember, assignPartitions } from '../../../dataflow/kafka/co-partition-assigner.ts'

const fresh = (id: string): AssignedMember => ({ id, owned: [], ownedIn: 0, since: '' })
const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 8 })
const counts = fc.integer({ min: 1, max: 40 })

/** Members as they are after a generation in which they got what was assigned. */
const membersOf = (assigned: Map<string, number[]>, ownedIn = 1): AssignedMember[] =>
  [...assigned].map(([id, owned]) => ({ id, owned, ownedIn, since: '' }))

const moved = (before: Map<string, number[]>, now: Map<string, number[]>): number =>
  [...now].flatMap(([id, mine]) => mine.filter((partition) => !before.get(id)?.includes(partition))).length

const expectFair = (assigned: Map<string, number[]>, partitions: number) => {
  const all = [...assigned.values()].flat().sort((a, b) => a - b)
  expect(all).toEqual(Array.from({ length: partitions }, (_, i) => i))
  const sizes = [...assigned.values()].map(({ length }) => length)
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
}

describe('partitions of a group', () => {
  it('go to one member each, evenly, whatever members say they own', () => {
    const member = fc.record({
      owned: fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 20 }),
      ownedIn: fc.integer({ min: 0, max: 3 }),
    })
    fc.assert(
      fc.property(names, counts, fc.infiniteStream(member), (ids, partitions, told) => {
        const members = ids.map((id) => ({ id, since: '', ...told.next().value }))
        expectFair(assignPartitions(members, partitions, false), partitions)
      }),
    )
  })

  it('do not move when nobody comes or goes', () => {
    fc.assert(
      fc.property(names, counts, (ids, partitions) => {
        const before = assignPartitions(ids.map(fresh), partitions, false)
        expect(moved(before, assignPartitions(membersOf(before).reverse(), partitions, false))).toBe(0)
      }),
    )
  })

  it('move to one that joins, no more than its share', () => {
    fc.assert(
      fc.property(names, counts, (ids, partitions) => {
        const before = assignPartitions(ids.map(fresh), partitions, false)
        const now = assignPartitions([...membersOf(before), fresh('NEW')], partitions, false)
        expectFair(now, partitions)
        expect(moved(before, now)).toBeLessThanOrEqual(Math.ceil(partitions / now.size))
      }),
    )
  })

  it('move only from one that leaves', () => {
    fc.assert(
      fc.property(names, counts, (ids, partitions) => {
        fc.pre(ids.length > 1)
        const before = assignPartitions(ids.map(fresh), partitions, false)
        const left = ids[0]!
        const now = assignPartitions(
          membersOf(before).filter(({ id }) => id !== left),
          partitions,
          false,
        )
        expectFair(now, partitions)
        expect(moved(before, now)).toBe(before.get(left)!.length)
      }),
    )
  })

  it('stay with the later owner when one wakes up that had them before', () => {
    const now = assignPartitions(
      [
        { id: 'asleep', owned: [0, 1, 2, 3], ownedIn: 4, since: '' },
        { id: 'awake', owned: [2, 3], ownedIn: 6, since: '' },
      ],
      4,
      false,
    )
    expect(now.get('awake')).toEqual([2, 3])
  })

  it('go all to the process that began first where one at a time is to work, in every group', () => {
    fc.assert(
      fc.property(names, counts, fc.infiniteStream(fc.nat({ max: 9 })), (processes, partitions, random) => {
        const eldest = processes[0]!
        for (const group of ['a', 'a-s1']) {
          // Ids of members are of the group, and whoever came first may have had them.
          const members = processes.map((process, at) => ({
            ...{ id: `${random.next().value}${process} ${group}`, since: `${at} ${process}` },
            ...{ owned: random.next().value! > 4 ? [0, 1] : [], ownedIn: random.next().value! },
          }))
          const assigned = assignPartitions(members, partitions, true)
          const working = [...assigned].filter(([, mine]) => mine.length > 0)
          expect(working.map(([id, mine]) => [id.slice(1), mine.length])).toEqual([[`${eldest} ${group}`, partitions]])
        }
      }),
    )
  })

  it('do not move, where one at a time is to work, when others come', () => {
    const [first, ...later] = ['2026-03-01', '2026-03-02', '2026-03-03'].map((since) => ({ ...fresh(since), since }))
    const before = assignPartitions([first!], 4, true)
    const now = assignPartitions([...later, { ...first!, owned: before.get(first!.id)!, ownedIn: 1 }], 4, true)
    expect(moved(before, now)).toBe(0)
  })
})
