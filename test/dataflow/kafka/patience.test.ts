import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { isTransient } from '../../../dataflow/kafka/patience.ts'

const Broker = createRequire(import.meta.url)('kafkajs/src/broker')

it('takes a broker whose connection is made anew for one that may answer later', async () => {
  const broker = new Broker({ connectionPool: { connectionTimeout: 1 }, logger: { namespace: () => undefined } })
  const thrown: unknown = await broker.metadata([]).catch((error: unknown) => error)
  expect([thrown, isTransient(thrown)]).toEqual([new Error('Broker not connected'), true])
})

it('takes an error of our own for a defect', () => {
  expect(isTransient(new Error('odd'))).toBe(false)
})
