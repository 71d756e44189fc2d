import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../system/kalam.ts'
import { javaProblem, mavenProblem } from './java.ts'

/** The folder below the project that keeps what was fetched and what `npm run kafka` holds; git ignores it. */
export const kafkaFolder = join(root, '.kafka')

/** A set of files that Maven fetches. */
export interface Libraries {
  name: string
  pom: string
  /** The goal of Maven and its settings, without the folder to fill. */
  goal: string[]
}

/** The libraries of the broker. */
export const brokerLibraries: Libraries = {
  name: 'broker',
  pom: join(import.meta.dirname, 'pom.xml'),
  goal: ['dependency:copy-dependencies', '-DincludeScope=runtime'],
}

/** The program of the schema registry. */
export const registryLibraries: Libraries = {
  name: 'registry',
  pom: join(import.meta.dirname, 'registry-pom.xml'),
  goal: ['dependency:unpack'],
}

/** Whether something can be started here, and why not. */
export interface Availability {
  isAvailable: boolean
  /** What is missing and how to install it; empty when nothing is. */
  reason: string
}

/** Why something cannot be started here: neither Java, nor Maven or what it would fetch; empty when it can. */
export const whyUnavailable = (libraries: Libraries): string =>
  javaProblem() ?? (existsSync(folderOf(libraries)) ? undefined : mavenProblem()) ?? ''

/** Whether a broker can be started here. */
export const kafkaAvailable = (): Availability => available(brokerLibraries)

/** Whether a schema registry can be started here. */
export const registryAvailable = (): Availability => available(registryLibraries)

const available = (libraries: Libraries): Availability => {
  const reason = whyUnavailable(libraries)
  return { isAvailable: reason === '', reason }
}

/** The folder with the files, fetched first if they are not there; fails with what to install. */
export const fetched = async (libraries: Libraries): Promise<string> => {
  const reason = whyUnavailable(libraries)
  if (reason) throw new Error(`starting the ${libraries.name}: ${reason}`)
  const folder = folderOf(libraries)
  if (existsSync(folder)) return folder
  mkdirSync(kafkaFolder, { recursive: true })
  const partial = mkdtempSync(`${folder}.partial-`)
  try {
    await runMaven(libraries, partial)
    renameSync(partial, folder)
  } catch (cause) {
    // Another process may have been faster, which is as good.
    if (!existsSync(folder)) throw cause
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
  return folder
}

/** Named by what is in the pom, so that another version is another folder. */
const folderOf = ({ name, pom }: Libraries): string =>
  join(kafkaFolder, `${name}-${createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 8)}`)

const runMaven = async ({ name, pom, goal }: Libraries, folder: string): Promise<void> => {
  const args = ['-q', '-B', '-f', pom, ...goal, `-DoutputDirectory=${folder}`]
  const child = spawn('mvn', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      said += piece
    })
  }
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  if (code !== 0) {
    throw new Error(
      `fetching the ${name}: mvn ended with ${code}; is its repository reachable (its mirrors stand in ~/.m2/settings.xml)?\n${said.trim().slice(0, 2_000)}`,
    )
  }
}
