import type { Group } from '../dataflow/operators/group-reader.ts'

/** Bodies as the records of one conversation in one topic, as stage functions see them. */
export const group = <Body>(id: string, bodies: Body[]): Group<Body> => ({
  id,
  ordinal: 0,
  timestamp: 0,
  next: bodies.length,
  foreign: [],
  bytes: 0,
  records: bodies.map((body, index) => ({
    id,
    ordinal: 0,
    index,
    count: bodies.length,
    offset: index,
    timestamp: 0,
    bytes: 0,
    body,
  })),
})
