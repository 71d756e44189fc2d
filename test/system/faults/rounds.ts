import { type Fault, faults, faultsOf, type Random } from './faults.ts'
import type { World } from './world.ts'

/** What one round did. */
export interface Round {
  round: number
  fault: string
  seconds: number
}

/** A small generator (mulberry32): the same numbers for the same seed on every machine. */
export const randomOf = (seed: number): Random => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const rowsPerRound = 24
const settleMs = 120_000

/**
 * Plays rounds: rows come in, something goes wrong while they are worked on, and everything has to come out by itself.
 * Faults come in turn, in an order that the seed gives.
 */
export const playRounds = async (
  world: World,
  options: { seed: number; rounds: number; kinds?: readonly string[]; from?: number; told?(round: Round): void },
): Promise<Round[]> => {
  const { seed, rounds, from = 0, told } = options
  const played: Round[] = []
  const kinds = shuffled(options.kinds ?? faultsOf(world.cluster.nodes.length), randomOf(seed))
  for (let i = from; i < from + rounds; i++) {
    const random = randomOf(seed * 7919 + i)
    const fault = kinds[i % kinds.length]!
    const began = performance.now()
    world.feed(rowsPerRound)
    await new Promise((resolve) => setTimeout(resolve, random() * 1500))
    await faultOf(fault)(world, random)
    world.feed(rowsPerRound / 4)
    await world.settled(settleMs).catch((thrown: Error) => {
      throw new Error(`seed ${seed}, round ${i}, ${fault}: ${thrown.message}`, { cause: thrown })
    })
    const round = { round: i, fault, seconds: (performance.now() - began) / 1000 }
    played.push(round)
    told?.(round)
  }
  return played
}

const faultOf = (name: string): Fault => {
  const fault = faults[name]
  if (fault) return fault
  throw new Error(`there is no fault ${name}; there are ${Object.keys(faults).join(', ')}`)
}

const shuffled = <Item>(items: readonly Item[], random: Random): Item[] =>
  items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
