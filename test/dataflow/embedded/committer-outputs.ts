import type { OutputRecord } from '../../../dataflow/log.ts'

/** The outputs of the n-th commit: two to four records in each of two topics and three partitions. */
export const outputsOf = (n: number, bytes: number): OutputRecord[] =>
  ['one', 'two'].flatMap((topic) =>
    [0, 1, 2].flatMap((partition) =>
      Array.from({ length: recordsOf(n) }, (_, i) => ({
        topic,
        partition,
        key: `${n}.${i}`,
        value: Buffer.alloc(Math.ceil(bytes / 6 / recordsOf(n)) + 1, n % 251),
        headers: {},
        timestamp: n,
      })),
    ),
  )

/** Records of the n-th commit in each partition. */
export const recordsOf = (n: number): number => 2 + (n % 3)
