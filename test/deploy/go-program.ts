import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterFile } from '../clean-up.ts'
import { root } from '../system/kalam.ts'

/** A Go program of the tests, built and ready. */
export interface GoProgram {
  /** Runs it with the variables given and no others; `input` goes to its stdin. */
  run(
    args: string[],
    options?: { env?: Record<string, string>; input?: string },
  ): { code: number | null; out: string; err: string }
}

/**
 * Builds a Go program below test/deploy. Without Go, or away from CI without its modules, there is none, and a line says
 * why; what is broken in the program itself is an error.
 */
export const goProgram = (name: string): GoProgram | undefined => {
  if (spawnSync('go', ['version']).status !== 0) return without(name, 'Go is not installed')
  const folder = mkdtempSync(join(tmpdir(), 'kalam-go-'))
  afterFile(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, name)
  const built = spawnSync('go', ['build', '-o', file, '.'], { cwd: join(root, 'test/deploy', name), encoding: 'utf8' })
  if (built.status !== 0) {
    const isOffline = /dial tcp|no such host|proxyconnect|module lookup disabled/.test(built.stderr)
    if (isOffline && !process.env.CI) return without(name, 'its modules cannot be fetched')
    throw new Error(`building ${name}: ${built.stderr}`)
  }
  return {
    run: (args, { env = {}, input = '' } = {}) => {
      const ended = spawnSync(file, args, { cwd: root, env, input, encoding: 'utf8' })
      return { code: ended.status, out: ended.stdout, err: ended.stderr }
    },
  }
}

const without = (name: string, why: string): undefined => {
  console.warn(`skipped what ${name} checks: ${why}`)
}
