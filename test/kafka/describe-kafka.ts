import { describe, inject } from 'vitest'
import './shared-kafka.ts'

const { brokerProblem, registryProblem } = inject('kafka')

/** A suite that needs a broker: left out where none can be started, but never with CI set. */
export const describeKafka = describe.skipIf(brokerProblem !== '')

/** A suite that needs a schema registry: left out where none can be started, but never with CI set. */
export const describeRegistry = describe.skipIf(registryProblem !== '')

/** A suite with a broker that takes long: only with KALAM_LONG=1. */
export const describeLongKafka = process.env.KALAM_LONG === '1' ? describeKafka : describe.skip
