import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeKafka } from '../../kafka/describe-kafka.ts'
import { playRounds } from './rounds.ts'
import { startWorld, type World } from './world.ts'

/** Faults of processes, of the broker and of records; `npm run test:faults` plays all kinds, as often as it is told. */
const kinds = [
  'kill_one_of_each',
  'sleep_two_sessions',
  'rolling_restart',
  'before_end',
  'between_send_and_offsets',
  'after_call',
  'during_fencing',
  'broker_killed',
  'end_response_lost',
  'poison_bytes',
]

describeKafka('services on a real broker', () => {
  let world: World
  beforeAll(async () => {
    world = await startWorld({ counts: { ingest: 2, chunk: 2, translate: 2, score: 2, rank: 2, land: 2 } })
  }, 120_000)
  afterAll(() => world.close(), 60_000)

  it('bring out what an undisturbed run does, whatever dies, sleeps or gets lost', async () => {
    await playRounds(world, { seed: 7, rounds: kinds.length, kinds })
    expect(await world.compare()).toEqual([])
    expect(world.services.surprises).toEqual([])
  }, 900_000)
})
