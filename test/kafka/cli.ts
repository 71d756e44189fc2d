/** `npm run kafka -- start | stop | status`: Apache Kafka on this machine, for trying things out. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { NodePlan } from './broker-settings.ts'
import { isFree } from './free-ports.ts'
import { knownNodes } from './kafka-node.ts'
import { kafkaFolder } from './libraries.ts'
import { isRunning, noted, noteRunning, stopRunning } from './running.ts'
import { startCluster } from './start-kafka.ts'
import { watchdog } from './watchdog.ts'

const usage = `npm run kafka -- start [--nodes 3] [--port 9092] [--fresh]
npm run kafka -- stop
npm run kafka -- status

  --nodes  brokers; with three, one of them may fail without loss (default 1)
  --port   of the first broker, the others follow (default 9092)
  --fresh  without the data of earlier starts
`

const print = (text: string) => process.stdout.write(`${text}\n`)

/** Ports of a node: 9092 for clients, 10092 for its controller, 11092 behind a fault proxy, 12092 for that. */
const planNode = (folder: string, id: number, port: number): NodePlan => ({
  id,
  folder: join(folder, `node-${id}`),
  port,
  controllerPort: port + 1_000,
  proxyPort: port + 2_000,
  advertisedPort: port + 3_000,
})

const start = async (count: number, firstPort: number, isFresh: boolean) => {
  const running = noted().filter(isRunning)
  if (running.length > 0) {
    process.stderr.write('it runs already\n')
    print(running.map(({ address }) => address).join(','))
    return 0
  }
  const folder = join(kafkaFolder, `cluster-of-${count}`)
  if (isFresh) rmSync(folder, { recursive: true, force: true })
  const nodes = Array.from({ length: count }, (_, i) => planNode(folder, i + 1, firstPort + i))
  for (const port of nodes.flatMap((node) => [node.port, node.controllerPort, node.proxyPort])) {
    if (!(await isFree(port)))
      throw new Error(`starting the broker: port ${port} is taken; stop what listens there, or give another --port`)
  }
  const dog = watchdog()
  const cluster = await startCluster({ nodes, settings: {} }, folder, dog)
  noteRunning(
    cluster.nodes.map(({ id, pid = 0, address }) => ({
      name: `broker ${id}`,
      pid,
      address,
      mark: join(folder, `node-${id}/`),
    })),
  )
  for (const { pid = 0 } of cluster.nodes) dog.remove(pid)
  await dog.end()
  print(cluster.brokers.join(','))
  return 0
}

const stop = async () => {
  const servers = noted()
  if (!servers.some(isRunning)) print('no broker runs')
  await stopRunning(servers)
  return 0
}

const status = async () => {
  const servers = noted()
  if (servers.length === 0) {
    print('no broker runs; npm run kafka -- start')
    return 1
  }
  const states = await Promise.all(
    servers.map(async (server) => {
      if (!isRunning(server)) return 'has ended'
      return (await knownNodes(server.address)).length > 0 ? 'serves' : 'does not answer'
    }),
  )
  for (const [i, { name, address, pid }] of servers.entries())
    print(`${name}: ${address}, process ${pid}, ${states[i]}`)
  return states.every((state) => state === 'serves') ? 0 : 1
}

const run = async () => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      nodes: { type: 'string', default: '1' },
      port: { type: 'string', default: '9092' },
      fresh: { type: 'boolean', default: false },
    },
  })
  const count = Number(values.nodes)
  const port = Number(values.port)
  if (!(Number.isInteger(count) && count > 0 && count < 10))
    throw new Error(`--nodes: a number from 1 to 9, not ${values.nodes}`)
  if (!(Number.isInteger(port) && port > 0 && port < 62_000))
    throw new Error(`--port: a number below 62000, not ${values.port}`)
  const [command, ...rest] = positionals
  if (rest.length === 0 && command === 'start') return start(count, port, values.fresh)
  if (rest.length === 0 && command === 'stop') return stop()
  if (rest.length === 0 && command === 'status') return status()
  process.stderr.write(usage)
  return 2
}

try {
  process.exit(await run())
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
