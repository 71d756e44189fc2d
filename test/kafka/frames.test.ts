import fc from 'fast-check'
import { expect, it } from 'vitest'
import { frames } from './frames.ts'

it('hands on the same messages however the stream is cut', () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 })
  const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 })
  fc.assert(
    fc.property(bodies, cuts, (bodies, cuts) => {
      const whole = bodies.map((body) => {
        const length = Buffer.alloc(4)
        length.writeInt32BE(body.length)
        return Buffer.concat([length, body])
      })
      const stream = Buffer.concat(whole)
      const seen: Buffer[] = []
      const push = frames((frame) => seen.push(Buffer.from(frame)))
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = cuts[i % cuts.length]!
        push(stream.subarray(at, at + size))
        at += size
      }
      expect(seen).toEqual(whole)
    }),
  )
})
