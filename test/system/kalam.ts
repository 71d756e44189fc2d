import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the project. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

/** What a command printed and how it ended. */
export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  out: string
  err: string
}

/** Starts the CLI as a user would, in a folder. */
export const startKalam = (
  cwd: string,
  args: string[],
  env: Record<string, string> = {},
): { child: ChildProcess; ended: Promise<Ended> } => startProcess([join(root, 'bin/kalam.js'), ...args], cwd, env)

/** Starts Node with arguments. */
export const startProcess = (
  args: string[],
  cwd: string,
  env: Record<string, string> = {},
): { child: ChildProcess; ended: Promise<Ended> } => {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, CI: '1', NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout!.setEncoding('utf8')
  child.stderr!.setEncoding('utf8')
  child.stdout!.on('data', (piece) => {
    out += piece
  })
  child.stderr!.on('data', (piece) => {
    err += piece
  })
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal, out, err })),
  )
  return { child, ended }
}

/** Runs the CLI to its end. */
export const kalam = (cwd: string, ...args: string[]): Promise<Ended> => startKalam(cwd, args).ended

/** A folder of its own for a test, with files by name. */
export const workFolder = (files: Record<string, string | Uint8Array> = {}): { path: string; remove(): void } => {
  const path = mkdtempSync(join(tmpdir(), 'kalam-test-'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content)
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Copies test data into a folder. */
export const copyData = (from: string, to: string): void =>
  cpSync(join(root, 'test/data', from), to, { recursive: true })

/** Every file below a folder with its bytes, by relative name. */
export const filesBelow = (folder: string): Map<string, Buffer> => {
  const names = readdirSync(folder, { recursive: true }) as string[]
  const files = names.map((name) => join(folder, name)).filter((path) => statSync(path).isFile())
  return new Map(files.sort().map((path) => [relative(folder, path), readFileSync(path)]))
}
