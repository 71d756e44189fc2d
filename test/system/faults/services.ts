import type { ChildProcess } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Ended, startKalam } from '../kalam.ts'

/** One `kalam work` process that is started again when it ends, as an orchestrator does. */
export interface Service {
  stage: string
  /** Its process now. */
  readonly child: ChildProcess
  /** Kills it without farewell; it comes back at once. */
  kill(): void
  /** Tells it to end, waits for that, and starts it again. */
  restart(env?: Record<string, string>): Promise<void>
  /** Ends it for good. */
  stop(): Promise<Ended>
}

/** Starts processes of stages in a folder and keeps them running. */
export const startServices = (folder: string, env: Record<string, string>, counts: Record<string, number>) => {
  const notes = join(folder, 'services.log')
  /** Ends that nobody asked for: a stage that gives up instead of going on. */
  const surprises: string[] = []
  const start = (stage: string): Service => {
    let stopping = false
    let told = false
    let current: ReturnType<typeof startKalam>
    const run = (more: Record<string, string> = {}) => {
      const log = { KALAM_LOG_LEVEL: 'info' }
      const mine = startKalam(folder, ['work', stage], { ...env, ...log, ...more })
      current = mine
      mine.ended.then(({ code, signal, err }) => {
        appendFileSync(notes, `${new Date().toISOString()} ${stage} ended ${code ?? signal}\n${err}`)
        const isKill = signal === 'SIGKILL' || signal === 'SIGTERM'
        if (!told && !isKill) surprises.push(`${stage} ended with ${code ?? signal}: ${err.trim().split('\n').at(-1)}`)
        told = false
        if (!stopping && current === mine) run()
      })
    }
    run()
    return {
      stage,
      get child() {
        return current.child
      },
      kill: () => void current.child.kill('SIGKILL'),
      async restart(more = {}) {
        const before = current
        told = true
        stopping = true
        before.child.kill('SIGTERM')
        await before.ended
        stopping = false
        run(more)
      },
      async stop() {
        stopping = true
        told = true
        // One that sleeps hears nothing.
        current.child.kill('SIGCONT')
        current.child.kill('SIGTERM')
        return current.ended
      },
    }
  }
  const services = Object.entries(counts).flatMap(([stage, count]) => Array.from({ length: count }, () => start(stage)))
  return {
    services,
    surprises,
    add(stage: string): Service {
      const service = start(stage)
      services.push(service)
      return service
    },
    of: (stage: string) => services.filter((service) => service.stage === stage),
    stop: () => Promise.all(services.map((service) => service.stop())),
  }
}

/** What startServices gives. */
export type Services = ReturnType<typeof startServices>
