import { expect, it } from 'vitest'
import type { Placed } from '../../../dataflow/place.ts'
import type { Chunk } from '../../../schemas/records.ts'
import { pseudo } from '../../../services/translate/backends/pseudo.ts'
import { mapChunk } from '../../../services/translate/map-chunk.ts'
import { calm, chunkOf, lineOf } from './fake-line.ts'

const placed = (id: string, index: number, body: Chunk | undefined): Placed<Chunk> => ({
  id,
  index,
  count: 3,
  ordinal: 10,
  offset: 10 + index,
  timestamp: 0,
  bytes: 1,
  body,
})
const map = mapChunk({ ...lineOf(pseudo()), splits: { except: ['*multilingual8*'] } }, calm)

it('gives every chunk of a conversation in line its terminal record', () => {
  const made = [
    map(placed('s/train/1', 0, chunkOf('abc'))),
    map(placed('s/train/1', 1, chunkOf('12', { kind: 'keep' }))),
    map(placed('s/train/1', 2, undefined)),
  ]
  expect(made).toMatchObject([
    { body: { status: 'translated', target_text: 'ابت' } },
    { body: { status: 'kept', target_text: null } },
    { body: { status: 'failed', reason: 'undecodable', target_text: null } },
  ])
  expect(made.every((mapped) => mapped && !('count' in mapped))).toBe(true)
})

it('gives a conversation outside of its splits one skipped record, the only one', () => {
  const id = 'smol/smoltalk_multilingual8_Qwen3_32B_think/7'
  expect([0, 1, 2].map((index) => map(placed(id, index, chunkOf('abc'))))).toMatchObject([
    { body: { status: 'skipped', reason: 'not_in_line', target_text: null }, count: 1 },
    undefined,
    undefined,
  ])
  expect(map(placed(id, 0, undefined))).toMatchObject({ body: { status: 'skipped' }, count: 1 })
})

const everything = { ...lineOf(pseudo()), splits: {} }

it('gives a conversation that a filter leaves out one skipped record', () => {
  const filtered = mapChunk(everything, calm, { takes: ({ ordinal }) => ordinal < 10, isPaused: false })
  expect([0, 1, 2].map((index) => filtered(placed('s/t/1', index, chunkOf('abc'))))).toMatchObject([
    { body: { status: 'skipped', reason: 'filtered' }, count: 1 },
    undefined,
    undefined,
  ])
})

it('skips what comes while the line pauses, as a whole from its first chunk on, else chunk by chunk', () => {
  const pausing = { takes: () => true, isPaused: true }
  const whole = mapChunk(everything, calm, pausing)
  expect([0, 1].map((index) => whole(placed('s/t/1', index, chunkOf('abc'))))).toMatchObject([
    { body: { status: 'skipped', reason: 'paused' }, count: 1 },
    undefined,
  ])
  const begun = mapChunk(everything, calm, { ...pausing, last: { ordinal: 10, count: 3 } })
  const made = [1, 2].map((index) => begun(placed('s/t/1', index, chunkOf('abc'))))
  expect(made).toMatchObject([{ body: { status: 'skipped', reason: 'paused' } }, { body: { reason: 'paused' } }])
  expect(made.every((mapped) => mapped && !('count' in mapped))).toBe(true)
})

it('goes on with a conversation as it was begun before a restart', () => {
  const skipped = { takes: () => true, isPaused: false, last: { ordinal: 10, count: 1 } }
  const resumed = mapChunk(everything, calm, skipped)
  expect([1, 2].map((index) => resumed(placed('s/t/1', index, chunkOf('abc'))))).toEqual([undefined, undefined])
  const later = { ...placed('s/t/2', 0, chunkOf('abc')), ordinal: 20 }
  expect(resumed(later)).toMatchObject({ body: { status: 'translated' } })
})
