import { landing } from '../../../services/land/landing.ts'

/** Landing of records as soon as they are given, without a task. */
export const landAtOnce = (...args: Parameters<typeof landing>) => {
  const { prepare, write } = landing(...args)
  return (records: Parameters<typeof prepare>[0]): Promise<void> => {
    prepare(records)
    return write()
  }
}
