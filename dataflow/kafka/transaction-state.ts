import { createRequire } from 'node:module'
import type { Broker } from './kafkajs-internals.ts'

/** What became of the last transaction of an id, or what becomes of one that is open as soon as a newer producer comes. */
export type TransactionState = 'committed' | 'aborted' | 'none'

interface Encoder {
  writeUVarInt(value: number): Encoder
  writeUVarIntString(value: string): Encoder
}
interface Decoder {
  readInt16(): number
  readInt32(): number
  readUVarInt(): number
  readUVarIntString(): string
}
const require = createRequire(import.meta.url)
const ProtocolEncoder: new () => Encoder = require('kafkajs/src/protocol/encoder.js')
const ProtocolDecoder: new (bytes: Buffer) => Decoder = require('kafkajs/src/protocol/decoder.js')

const describeTransactions = 65
const states: Record<string, TransactionState> = {
  Ongoing: 'aborted',
  PrepareAbort: 'aborted',
  PrepareEpochFence: 'aborted',
  CompleteAbort: 'aborted',
  PrepareCommit: 'committed',
  CompleteCommit: 'committed',
}

/**
 * Asks a transactional id's coordinator for its state; `none` where the id is new, forgotten or was opened after its last
 * transaction, and from brokers before 3.0, which do not tell. kafkajs has no DescribeTransactions (KIP-664); errors as it throws them.
 */
export const transactionState = async (coordinator: Broker, id: string): Promise<TransactionState> => {
  if (!coordinator.versions?.[describeTransactions]) return 'none'
  const told = (await coordinator.connectionPool.send({
    request: {
      ...{ apiKey: describeTransactions, apiVersion: 0, apiName: 'DescribeTransactions' },
      // The headers of this request and of its response end with tags: none.
      encode: async () => new ProtocolEncoder().writeUVarInt(0).writeUVarInt(2).writeUVarIntString(id).writeUVarInt(0),
    },
    response: {
      decode: async (bytes) => new ProtocolDecoder(bytes),
      parse: async (decoder) => stateOf(decoder as Decoder),
    },
  })) as { errorCode: number; state: string }
  if (told.errorCode === transactionalIdNotFound) return 'none'
  if (told.errorCode !== 0) throw errorOf(told.errorCode)
  return states[told.state] ?? 'none'
}

const transactionalIdNotFound = 105
const errorOf: (code: number) => Error = require('kafkajs/src/protocol/error.js').createErrorFromCode

const stateOf = (decoder: Decoder): { errorCode: number; state: string } => {
  decoder.readUVarInt()
  decoder.readInt32()
  decoder.readUVarInt()
  const errorCode = decoder.readInt16()
  decoder.readUVarIntString()
  return { errorCode, state: decoder.readUVarIntString() }
}
