import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Ports of loopback that nobody listens on. They are below those that systems give to outgoing connections: a client that tries a
 * dead broker's port again and again would otherwise sooner or later be given that port itself, and keep the broker from coming back.
 */
export const freePorts = async (count: number): Promise<number[]> => {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = randomInt(15_000, 32_000)
    if (await isFree(port)) ports.add(port)
  }
  return [...ports]
}

/** Whether one could listen on a port of loopback now. */
export const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
