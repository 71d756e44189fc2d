import { randomUUID } from 'node:crypto'
import kafkajs, { type PartitionAssigner } from 'kafkajs'

const { MemberMetadata, MemberAssignment } = kafkajs.AssignerProtocol

/** A member of a group as the one that assigns sees it. */
export interface AssignedMember {
  id: string
  /** Partitions it worked on before, in which generation of the group. */
  owned: number[]
  ownedIn: number
  /** Of its process, which texts compare by age: the same in all groups. */
  since: string
}

/**
 * Shares partitions over members: everyone keeps what it has up to its share, the rest goes to those with least. With
 * `single` the member of the process that began first gets them all and the others stand by: so one process has all such groups that
 * it is in, and what limits their calls together is kept in one place.
 */
export const assignPartitions = (
  members: readonly AssignedMember[],
  partitions: number,
  single: boolean,
): Map<string, number[]> => {
  const byId = [...members].sort((a, b) => (a.id < b.id ? -1 : 1))
  const assigned = new Map(byId.map(({ id }) => [id, [] as number[]]))
  if (single) {
    // Of one process, the one that had them last; one that slept may believe to have them too.
    const claims = (member: AssignedMember) => (member.owned.length > 0 ? member.ownedIn : -1)
    const [first] = [...byId].sort((a, b) =>
      a.since === b.since ? claims(b) - claims(a) || b.owned.length - a.owned.length : a.since < b.since ? -1 : 1,
    )
    if (first) assigned.set(first.id, numbers(partitions))
    return assigned
  }
  const least = Math.floor(partitions / byId.length)
  let larger = partitions % byId.length
  const taken = new Set<number>()
  // Two members may believe to own a partition: the later generation knows better.
  for (const { id, owned } of [...byId].sort((a, b) => b.owned.length - a.owned.length || b.ownedIn - a.ownedIn)) {
    const mine = assigned.get(id)!
    const newest = [...new Set(owned)].filter((p) => p < partitions && !taken.has(p) && !claimedLater(byId, id, p))
    for (const partition of newest) {
      if (mine.length > least || (mine.length === least && larger === 0)) break
      if (mine.length === least) larger--
      mine.push(partition)
      taken.add(partition)
    }
  }
  for (const partition of numbers(partitions)) {
    if (taken.has(partition)) continue
    const [id] = [...assigned].sort(([, a], [, b]) => a.length - b.length)[0]!
    assigned.get(id)!.push(partition)
  }
  for (const mine of assigned.values()) mine.sort((a, b) => a - b)
  return assigned
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

const claimedLater = (members: readonly AssignedMember[], id: string, partition: number): boolean => {
  const ownedIn = members.find((member) => member.id === id)?.ownedIn ?? 0
  return members.some((other) => other.id !== id && other.ownedIn > ownedIn && other.owned.includes(partition))
}

/**
 * Gives partition p of every topic of a group to the same member, and lets members keep what they have. `owned` tells what
 * this process works on now.
 */
export const coPartitionAssigner = (options: {
  partitions: number
  single: boolean
  owned(): { partitions: number[]; generation: number }
}): PartitionAssigner => {
  const { partitions, single, owned } = options
  const name = single ? 'kalam-single' : 'kalam-co-partition'
  const version = 1
  return () => ({
    name,
    version,
    protocol: ({ topics }) => ({
      name,
      metadata: MemberMetadata.encode({
        version,
        topics,
        userData: Buffer.from(JSON.stringify({ ...owned(), since })),
      }),
    }),
    async assign({ members, topics }) {
      const known = members.map(({ memberId, memberMetadata }) => memberOf(memberId, memberMetadata))
      return [...assignPartitions(known, partitions, single)].map(([memberId, mine]) => ({
        memberId,
        memberAssignment: MemberAssignment.encode({
          version,
          assignment: Object.fromEntries(topics.map((topic) => [topic, mine])),
          userData: Buffer.alloc(0),
        }),
      }))
    },
  })
}

/** When this process began, and what tells it from others of that moment. */
const since = `${new Date(performance.timeOrigin).toISOString()} ${randomUUID()}`

/** A member that does not tell it is younger than all that do. */
const unknownAge = '~'

const memberOf = (id: string, metadata: Buffer): AssignedMember => {
  try {
    const told = JSON.parse(MemberMetadata.decode(metadata)!.userData.toString()) as {
      partitions: number[]
      generation: number
      since?: string
    }
    return { id, owned: told.partitions, ownedIn: told.generation, since: told.since ?? unknownAge }
  } catch {
    return { id, owned: [], ownedIn: 0, since: unknownAge }
  }
}
