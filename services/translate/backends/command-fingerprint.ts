import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'

/** Larger files, such as weights, count by their size. */
const mostBytes = 16 * 2 ** 20

/** A command with the contents of its files in place of their names: the same wherever they lie, another one when one is edited. */
export const commandFingerprint = (command: readonly string[], cwd: string): string[] =>
  command.map((argument, i) => (i === 0 && !argument.includes('/') ? argument : contentOf(argument, cwd)))

const contentOf = (argument: string, cwd: string): string => {
  const file = resolve(cwd, argument)
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat?.isFile()) return argument
  if (stat.size > mostBytes) return `${argument} of ${stat.size} bytes`
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}
