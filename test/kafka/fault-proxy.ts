import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { frames } from './frames.ts'

/** Numbers by which requests of Kafka's protocol say what they ask for. */
export const apiKeys = {
  Produce: 0,
  Fetch: 1,
  Metadata: 3,
  OffsetCommit: 8,
  JoinGroup: 11,
  Heartbeat: 12,
  InitProducerId: 22,
  AddPartitionsToTxn: 24,
  AddOffsetsToTxn: 25,
  EndTxn: 26,
  TxnOffsetCommit: 28,
} as const

/**
 * What a proxy does with connections: `pass` hands everything on; `blackhole` takes connections and bytes and delivers neither, to
 * hand them on after the next `pass`, as a network does that comes back; `refuse` resets all connections, old and new.
 */
export type ProxyMode = 'pass' | 'blackhole' | 'refuse'

/** A proxy in front of one broker, on loopback. */
export interface FaultProxy {
  /** Where it listens. */
  port: number
  setMode(mode: ProxyMode): void
  /** Cuts the connection instead of handing on the response to the next `times` requests of these kinds, which the broker has done. */
  dropResponses(keys: readonly number[], times?: number): void
  /** Puts an error code into the next `times` responses to these requests, which end with one: the broker has done them. */
  spoilResponses(key: number, errorCode: number, times: number): void
  /** From here on takes requests of these kinds and delivers none. */
  swallow(keys: readonly number[]): void
  /** API keys of the requests whose responses were dropped. */
  dropped: number[]
  close(): Promise<void>
}

/** Starts a proxy; `port` is the one that the broker behind `target` tells its clients. */
export const faultProxy = async (target: number, port = 0): Promise<FaultProxy> => {
  const links = new Set<Link>()
  const dropped: number[] = []
  let mode: ProxyMode = 'pass'
  let keys: readonly number[] = []
  let left = 0
  let swallowed: readonly number[] = []
  let spoiled = { key: -1, errorCode: 0, left: 0 }
  const spoil = (key: number, frame: Buffer): void => {
    if (key !== spoiled.key || spoiled.left === 0) return
    spoiled.left--
    frame.writeInt16BE(spoiled.errorCode, frame.length - 2)
  }
  const isDropped = (key: number): boolean => {
    if (left === 0 || !keys.includes(key)) return false
    left--
    dropped.push(key)
    return true
  }
  const server = createServer((client) => {
    const link = linkOf(client, target, { isDropped, spoil, isSwallowed: (key) => swallowed.includes(key) })
    links.add(link)
    client.once('close', () => links.delete(link))
    link.setMode(mode)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    setMode(next) {
      mode = next
      for (const link of links) link.setMode(next)
    },
    dropResponses(of, times = 1) {
      keys = of
      left = times
    },
    spoilResponses(key, errorCode, times) {
      spoiled = { key, errorCode, left: times }
    },
    swallow(of) {
      swallowed = of
    },
    dropped,
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const link of links) link.cut()
      await closed
    },
  }
}

/** A client's connection and the one to the broker that belongs to it. */
interface Link {
  setMode(mode: ProxyMode): void
  cut(): void
}

const linkOf = (
  client: Socket,
  target: number,
  {
    isDropped,
    isSwallowed,
    spoil,
  }: { isDropped(key: number): boolean; isSwallowed(key: number): boolean; spoil(key: number, response: Buffer): void },
): Link => {
  const broker = connect(target, '127.0.0.1')
  const asked = new Map<number, number>()
  const cut = () => {
    client.resetAndDestroy()
    broker.resetAndDestroy()
  }
  for (const socket of [client, broker]) socket.setNoDelay(true).on('error', cut).on('close', cut)
  client.on(
    'data',
    frames((frame) => {
      const key = frame.readInt16BE(4)
      if (isSwallowed(key)) return
      asked.set(frame.readInt32BE(8), key)
      broker.write(frame)
    }),
  )
  broker.on(
    'data',
    frames((frame) => {
      const correlation = frame.readInt32BE(4)
      const key = asked.get(correlation) ?? -1
      asked.delete(correlation)
      spoil(key, frame)
      if (isDropped(key)) cut()
      else if (!client.destroyed) client.write(frame)
    }),
  )
  return {
    setMode(mode) {
      if (mode === 'refuse') cut()
      for (const socket of [client, broker]) {
        if (mode === 'blackhole') socket.pause()
        else if (mode === 'pass') socket.resume()
      }
    },
    cut,
  }
}
