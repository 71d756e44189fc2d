import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from './free-ports.ts'
import { type JavaProcess, javaProcess } from './java-process.ts'
import { fetched, registryLibraries } from './libraries.ts'
import { type Watchdog, watchdog } from './watchdog.ts'

/** A schema registry that can be made to fail; `stop` ends it for good. */
export interface Registry extends JavaProcess {
  /** Where its API as Confluent has it begins. */
  url: string
  folder: string
  logFile: string
}

/** Where a registry is to be. */
export interface RegistryOptions {
  /** Where its data and log go, which stay there; by default a temporary folder that goes with it. */
  folder?: string
}

/** Starts a schema registry of a test's own (Apicurio), which ends with `stop` or with this process. */
export const startRegistry = async ({ folder }: RegistryOptions = {}): Promise<Registry> => {
  const path = folder ?? mkdtempSync(join(tmpdir(), 'kalam-registry-'))
  const dog = watchdog(folder === undefined ? path : undefined)
  try {
    const [port = 0] = await freePorts(1)
    const registry = await registryIn(path, port, dog)
    await registry.start()
    const { stop } = registry
    return Object.assign(registry, { stop: () => stop().then(() => dog.end()) })
  } catch (cause) {
    await dog.end()
    throw cause
  }
}

/** A registry on a port with its data in a folder, not started; without a watchdog it outlives this process. */
export const registryIn = async (folder: string, port: number, dog?: Watchdog): Promise<Registry> => {
  const program = await fetched(registryLibraries)
  const jar = readdirSync(program).find((name) => name.endsWith('-runner.jar'))
  if (jar === undefined) throw new Error(`starting the registry: no program in ${program}; remove that folder`)
  mkdirSync(folder, { recursive: true })
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`
  const logFile = join(folder, 'registry.log')
  const settings = [
    '-Dquarkus.http.host=127.0.0.1',
    `-Dquarkus.http.port=${port}`,
    '-Dapicurio.storage.sql.kind=h2',
    // Without the delay of 0 a schema is lost that was registered just before a kill.
    `-Dapicurio.datasource.url=jdbc:h2:file:${join(folder, 'db')};WRITE_DELAY=0`,
  ]
  const server = javaProcess({
    name: 'the registry',
    args: ['-Xmx512m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', ...settings, '-jar', join(program, jar)],
    logFile,
    isReady: () => serves(url),
    watchdog: dog,
  })
  return Object.assign(server, { url, folder, logFile })
}

/** Whether a registry answers. */
export const serves = (url: string): Promise<boolean> =>
  fetch(`${url}/subjects`, { signal: AbortSignal.timeout(5_000) }).then(
    ({ ok }) => ok,
    () => false,
  )
