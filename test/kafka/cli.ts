/** `npm run kafka -- start | stop | status`: Apache Kafka on this machine, for trying things out. */
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { NodePlan } from './broker-settings.ts'
import { classArchive } from './class-archive.ts'
import { startCluster } from './cluster.ts'
import { isFree } from './free-ports.ts'
import { kafkaFolder } from './libraries.ts'
import { isRunning, noted, noteRunning, type Running, stateOf, stopRunning } from './running.ts'
import { registryIn } from './start-registry.ts'
import { type Watchdog, watchdog } from './watchdog.ts'

const usage = `npm run kafka -- start [--nodes 3] [--port 9092] [--registry 8081] [--fresh]
npm run kafka -- stop
npm run kafka -- status

  --nodes     brokers; with three, one of them may fail without loss (default 1)
  --port      of the first broker, the others follow (default 9092)
  --registry  starts a schema registry on this port too
  --fresh     without the data of earlier starts
  --folder    where data, logs and notes are (default .kafka)
`

interface Asked {
  folder: string
  nodes: number
  port: number
  registry: number | undefined
  fresh: boolean
}

const print = (text: string) => process.stdout.write(`${text}\n`)

const start = async (asked: Asked) => {
  const running = noted(asked.folder).filter(isRunning)
  if (running.length > 0) process.stderr.write('it runs already; npm run kafka -- stop ends it\n')
  else {
    if (asked.registry !== undefined) await demandFree('registry', asked.registry)
    // Nothing stays behind when this is interrupted half-way.
    const dog = watchdog()
    running.push(...(await startBrokers(asked, dog)))
    if (asked.registry !== undefined) running.push(await startRegistry(asked.folder, asked.registry, dog))
    noteRunning(asked.folder, running)
    for (const { pid } of running) dog.remove(pid)
    await dog.end()
  }
  const brokers = running.filter(({ name }) => name.startsWith('broker')).map(({ address }) => address)
  const registry = running.find(({ name }) => name === 'registry')
  print(brokers.join(','))
  if (registry) print(registry.address)
  return 0
}

const startBrokers = async (asked: Asked, dog: Watchdog): Promise<Running[]> => {
  const folder = join(asked.folder, `cluster-of-${asked.nodes}`)
  if (asked.fresh) rmSync(folder, { recursive: true, force: true })
  const nodes = Array.from({ length: asked.nodes }, (_, i) => planNode(folder, i + 1, asked.port + i))
  for (const node of nodes) {
    for (const port of [node.port, node.controllerPort, node.proxyPort]) await demandFree('port', port)
  }
  const cluster = await startCluster({ nodes, settings: {}, java: await classArchive() }, folder, dog)
  return cluster.nodes.map(({ id, pid = 0, address }) => ({
    name: `broker ${id}`,
    pid,
    address,
    mark: join(folder, `node-${id}`, 'server.properties'),
  }))
}

/** Ports of a node: 9092 for clients, 10092 for controllers, 11092 behind a fault proxy, 12092 for that. */
const planNode = (folder: string, id: number, port: number): NodePlan => ({
  id,
  folder: join(folder, `node-${id}`),
  port,
  controllerPort: port + 1_000,
  proxyPort: port + 2_000,
  advertisedPort: port + 3_000,
})

const startRegistry = async (parent: string, port: number, dog: Watchdog): Promise<Running> => {
  const folder = join(parent, 'registry')
  const registry = await registryIn(folder, port, dog)
  await registry.start()
  return { name: 'registry', pid: registry.pid ?? 0, address: registry.url, mark: join(folder, 'db') }
}

const demandFree = async (option: string, port: number) => {
  if (await isFree(port)) return
  throw new Error(`starting: port ${port} is taken; stop what listens there, or give another --${option}`)
}

const stop = async ({ folder }: Asked) => {
  if (!noted(folder).some(isRunning)) print('no broker runs')
  await stopRunning(folder)
  return 0
}

const status = async ({ folder }: Asked) => {
  const servers = noted(folder)
  if (servers.length === 0) print('no broker runs; npm run kafka -- start')
  const states = await Promise.all(servers.map(stateOf))
  for (const [i, { name, address, pid }] of servers.entries())
    print(`${name}: ${address}, process ${pid}, ${states[i]}`)
  return servers.length > 0 && states.every((state) => state === 'serves') ? 0 : 1
}

const number = (option: string, text: string, most: number): number => {
  const value = Number(text)
  if (!(Number.isInteger(value) && value >= 1 && value <= most))
    throw new Error(`--${option}: a whole number from 1 to ${most}, not ${text}`)
  return value
}

const run = async () => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      nodes: { type: 'string', default: '1' },
      port: { type: 'string', default: '9092' },
      registry: { type: 'string' },
      fresh: { type: 'boolean', default: false },
      folder: { type: 'string', default: kafkaFolder },
    },
  })
  const asked: Asked = {
    folder: resolve(values.folder),
    nodes: number('nodes', values.nodes, 9),
    port: number('port', values.port, 62_000),
    registry: values.registry === undefined ? undefined : number('registry', values.registry, 65_535),
    fresh: values.fresh,
  }
  const command = { start, stop, status }[positionals.join(' ')]
  if (command) return command(asked)
  process.stderr.write(usage)
  return 2
}

try {
  process.exit(await run())
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
