import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ISocketFactory } from 'kafkajs'

const keepAliveMs = 60_000

/**
 * Opens a socket to a broker as kafkajs does itself. kafkajs lets go of a closed one again and again while its broker is away, and
 * each time Node would add a listener to it, until it warns of a leak in the middle of a worker's log.
 */
export const brokerSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const socket: Socket = ssl
    ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...ssl }, onConnect)
    : connect({ host, port }, onConnect)
  socket.setKeepAlive(true, keepAliveMs)
  const letGo = socket.unref.bind(socket)
  socket.unref = () => (socket.destroyed ? socket : letGo())
  return socket
}
