import { describe } from 'vitest'
import { kafkaAvailable, registryAvailable } from './libraries.ts'

/** Whether a missing Java makes tests fail instead of being left out. */
const isStrict = !['', 'false', '0'].includes(process.env.CI ?? '')

/** A suite that needs a broker: left out where none can be started, but never with CI set. */
export const describeKafka = describe.skipIf(!isStrict && !kafkaAvailable().isAvailable)

/** A suite that needs a schema registry: left out where none can be started, but never with CI set. */
export const describeRegistry = describe.skipIf(!isStrict && !registryAvailable().isAvailable)

/** A suite that takes long: only with KALAM_LONG=1. */
export const describeLongKafka = process.env.KALAM_LONG === '1' ? describeKafka : describe.skip
