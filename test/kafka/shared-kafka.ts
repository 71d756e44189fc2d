import { inject } from 'vitest'

/** What the set-up of a test run tells its test files. */
export interface KafkaContext {
  /** Where the run's broker is asked for. */
  url: string
  /** Why suites with a broker are left out; empty when they are not. */
  brokerProblem: string
  /** Why suites with a registry are left out; empty when they are not. */
  registryProblem: string
}

declare module 'vitest' {
  interface ProvidedContext {
    kafka: KafkaContext
  }
}

/** The set-up's answer to whoever asks for the broker. */
export interface SharedKafkaAnswer {
  brokers?: string[]
  error?: string
}

/**
 * Addresses of the one broker that all test files of a run share, started when the first asks. Names of topics, groups and writers
 * have to be a test's own, and nobody stops it; whoever wants to do that starts one with `startKafka`.
 */
export const sharedKafka = async (): Promise<string[]> => {
  const { brokers, error } = (await (await fetch(inject('kafka').url)).json()) as SharedKafkaAnswer
  if (!brokers) throw new Error(error)
  return brokers
}
