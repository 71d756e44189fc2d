import { readdirSync, rmSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { KalamError, messageOf } from '../../dataflow/error.ts'
import { type RowText, sentPieces } from './row-text.ts'

const namePattern = /^insert-\d+\.native$/
let made = 0

/** The statement that puts blocks of the Native format in a file of the server's machine into a table. */
export const insertFrom = (file: string, table: string, columns: readonly string[]): string => {
  const names = columns.join(', ')
  const path = resolve(file).replace(/['\\]/g, (char) => `\\${char}`)
  // What columns a file of the same name had before is of no use.
  return `INSERT INTO ${table} (${names}) SELECT ${names} FROM file('${path}', 'Native')
SETTINGS schema_inference_use_cache_for_file = 0`
}

/**
 * Puts blocks into a table by way of a file of their own in a folder, which is there only meanwhile: chDB as a library takes blocks
 * from files alone. KalamError warehouse_unavailable, retryable, when the file cannot be written.
 */
export const insertByFile = async (
  folder: string,
  table: string,
  rows: RowText,
  run: (statement: string) => Promise<void>,
): Promise<void> => {
  const file = join(folder, `insert-${++made}.native`)
  try {
    await writeFile(file, sentPieces(rows)).catch((thrown) => {
      throw new KalamError('warehouse_unavailable', `writing ${file}: ${messageOf(thrown)}`, {
        retryable: true,
        hint: `See to it that there is room and that this process may write in ${folder}: it goes on by itself.`,
        cause: thrown,
      })
    })
    await run(insertFrom(file, table, rows.columns))
  } finally {
    await rm(file, { force: true })
  }
}

/** Removes what a killed process left behind; for the one that has the folder. */
export const removeBlockFiles = (folder: string): void => {
  for (const name of readdirSync(folder)) if (namePattern.test(name)) rmSync(join(folder, name), { force: true })
}
