import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { read } from '../repository/files.ts'
import { goProgram } from './go-program.ts'
import { imageProblem, knownVariables, pipelineAt, readYaml, refusal, stages, variablesOf } from './known.ts'

interface Service {
  image: string
  command?: string[]
  environment?: Record<string, string>
  ports?: unknown[]
  profiles?: string[]
  restart?: string
  healthcheck?: { disable?: boolean; test?: string[] }
  stop_grace_period?: string
  depends_on?: Record<string, { condition: string }>
  container_name?: string
  volumes?: (string | { type: string; source?: string; target: string })[]
}
interface Compose {
  services: Record<string, Service>
  volumes: Record<string, unknown>
}

const text = read('docker-compose.yml')
const compose = readYaml<Compose>('docker-compose.yml')
const services = Object.entries(compose.services)
const ours = services.filter(([, { image }]) => image.includes('KALAM_IMAGE'))
const pipeline = 'examples/kafka/pipeline.yaml'
const filled = (value: string) => value.replace(/\$\{\w+:-([^}]*)\}/g, '$1')
const variables = [...new Set([...text.matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name!))]

describe('docker-compose.yml', () => {
  it('has a service for every stage, which restarts, waits for the topics, and is given time to stop', () => {
    expect(stages.length).toBeGreaterThan(5)
    for (const stage of stages) {
      const { command = [], restart, depends_on, stop_grace_period } = compose.services[stage] ?? { image: '' }
      expect.soft(command.slice(0, 2), stage).toEqual(['work', stage])
      expect.soft(restart, stage).toBe('unless-stopped')
      expect.soft(depends_on?.topics, stage).toEqual({ condition: 'service_completed_successfully' })
      expect.soft(stop_grace_period, stage).toBe('60s')
    }
  })

  it('gives kalam commands that it accepts', () => {
    expect(ours.length).toBe(stages.length + 2)
    const refused = ours.map(([name, { command = [] }]) => [name, refusal(command.map(filled))])
    expect(refused.filter(([, why]) => why !== undefined)).toEqual([])
  })

  it('gives kalam no variable that neither the code nor the example knows', () => {
    const known = [...knownVariables, ...variablesOf(read(pipeline).replaceAll('#', ''))]
    const given = [...new Set(ours.flatMap(([, { environment = {} }]) => Object.keys(environment)))]
    expect(given.length).toBeGreaterThan(3)
    expect(given.filter((name) => !known.includes(name))).toEqual([])
    expect(variablesOf(read(pipeline)).filter((name) => !given.includes(name))).toEqual([])
  })

  it('names images by version', () => {
    expect(services.map(([, { image }]) => imageProblem(filled(image))).filter((problem) => problem)).toEqual([])
  })

  it('publishes ports on this machine alone unless told otherwise', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? [])
    expect(ports.length).toBeGreaterThan(2)
    expect(ports.filter((port) => !/^\$\{PUBLISH_ON:-127\.0\.0\.1\}:\d+:\d+$/.test(String(port)))).toEqual([])
  })

  it('keeps what must outlive a container in volumes, the schemas of the registry in Kafka', () => {
    const mounted = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => String(volume).split(':')[0]!))
    expect(Object.keys(compose.volumes).filter((name) => !mounted.includes(name))).toEqual([])
    expect(compose.services.registry?.environment?.APICURIO_STORAGE_KIND).toBe('kafkasql')
    expect(Number(compose.services.kafka?.environment?.KAFKA_LOG_RETENTION_MS)).toBe(-1)
    // One process has the memory: the fixed name lets nobody scale it.
    expect(compose.services.translate?.volumes).toContain('memory:/var/lib/kalam')
    expect(compose.services.translate?.container_name).toBeDefined()
  })

  it('checks the health of every service that goes on, its own image by itself', () => {
    const unchecked = services.filter(([name, { healthcheck }]) => !healthcheck && !stages.includes(name))
    expect(unchecked.map(([name]) => name)).toEqual([])
    expect(read('deploy/Dockerfile')).toMatch(/^HEALTHCHECK /m)
  })

  it('starts what the profiles gpu, observe and cli have only when asked', () => {
    const profiled = services.flatMap(([name, { profiles = [] }]) => profiles.map((profile) => `${profile} ${name}`))
    expect(profiled.sort()).toEqual(['cli cli', 'gpu seedx', 'observe grafana', 'observe prometheus'])
  })

  it('reads variables that .env.example has, every password without a default', () => {
    const example = [...read('.env.example').matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => ({
      name: name!,
      value,
    }))
    expect(example.map(({ name }) => name).sort()).toEqual(variables.toSorted())
    for (const { name, value } of example.filter((one) => one.name.endsWith('PASSWORD'))) {
      expect.soft(value, name).toBe('')
      expect.soft(text, name).toContain(`\${${name}:?`)
    }
  })
})

describe('examples/kafka/pipeline.yaml', () => {
  it('is a sound pipeline on Kafka and ClickHouse, also with its commented translators', () => {
    const { log, warehouse, partitions } = pipelineAt(pipeline)
    expect(log).toMatchObject({ kafka: { replication: 1, min_insync: 1 } })
    expect(warehouse).toMatchObject({ username: 'kalam', database: 'kalam' })
    expect(partitions).toBeGreaterThan(3)
    const all = read(pipeline).replaceAll(
      /^( *)#(?=( *)(seedx|gemma3|backend|api|url|model|prompt|chunking|sampling|slots|key):)/gm,
      '$1',
    )
    expect(Object.keys((parse(all) as { translators: object }).translators)).toEqual([
      'sample_a',
      'sample_b',
      'seedx',
      'gemma3',
    ])
  })
})

const check = goProgram('compose-check')

describe.skipIf(!check)("compose's own library", () => {
  const passwords = Object.fromEntries(variables.filter((name) => name.endsWith('PASSWORD')).map((name) => [name, 'x']))

  it('accepts the file with all profiles', () => {
    const { code, out, err } = check!.run(['docker-compose.yml'], { env: passwords })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const resolved = (parse(out) as Compose).services
    expect(Object.keys(resolved).sort()).toEqual(Object.keys(compose.services).sort())
    expect(resolved.chunk?.command).toEqual(['work', 'chunk', '-p', '/pipelines/kafka/pipeline.yaml'])
    // The container's shell fills this in, not compose.
    expect(resolved.clickhouse?.healthcheck?.test?.[1]).toContain('"$KALAM_PASSWORD"')
  })

  it('refuses to start without passwords, and would refuse a key that it does not know', () => {
    expect(check!.run(['docker-compose.yml'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('set it in .env'),
    })
    const env = { ...passwords, KALAM_IMAGE: 'some:1' }
    expect(check!.run(['docker-compose.yml', 'test/deploy/broken-compose.yml'], { env })).toMatchObject({
      code: 1,
      err: expect.stringContaining('no_such_key'),
    })
  })
})
