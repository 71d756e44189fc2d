import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { planNodes, startCluster } from './cluster.ts'
import { brokerLibraries, fetched } from './libraries.ts'
import { watchdog } from './watchdog.ts'

let making: Promise<void> | undefined

/** Settings of Java by which brokers start in about half the time, from classes that a broker once loaded. */
export const classArchive = async (): Promise<string[]> => {
  const file = join(await fetched(brokerLibraries), 'classes.jsa')
  if (!existsSync(file)) {
    making ??= makeOnce(file).finally(() => {
      making = undefined
    })
    await making
  }
  return existsSync(file) ? [`-XX:SharedArchiveFile=${file}`] : []
}

/** Unless another process makes it right now: then this one goes on without. */
const makeOnce = async (file: string): Promise<void> => {
  const lock = `${file}.lock`
  if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > 120_000) rmSync(lock, { recursive: true, force: true })
  try {
    mkdirSync(lock)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return
    throw error
  }
  try {
    await make(file, join(lock, 'classes.jsa'))
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

const make = async (file: string, partial: string): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'kalam-kafka-'))
  const dog = watchdog(folder)
  try {
    const java = [`-XX:ArchiveClassesAtExit=${partial}`]
    const cluster = await startCluster({ nodes: await planNodes(folder, 1), settings: {}, java }, folder, dog)
    await cluster.stop({ inOrder: true })
    if (existsSync(partial)) renameSync(partial, file)
  } finally {
    await dog.end()
  }
}
