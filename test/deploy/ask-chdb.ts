/** Asks chDB, with the configuration of a folder, its asked.json in the database kalam; prints the answers as JSON. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Session } from 'chdb'

const [folder = ''] = process.argv.slice(2)
const data = join(folder, 'data')
if (!existsSync(data)) await makeDatabase()
const session = new Session(data, { connectionArgs: [`--config-file=${join(folder, 'config.xml')}`] })
await session.queryAsync('USE kalam')
const answers: string[] = []
for (const statement of JSON.parse(readFileSync(join(folder, 'asked.json'), 'utf8')) as string[])
  answers.push(await ask(statement))
process.stdout.write(JSON.stringify(answers))

/** An administrator makes the database: users may not. */
async function makeDatabase(): Promise<void> {
  const administrator = new Session(data)
  await administrator.queryAsync('CREATE DATABASE kalam')
  administrator.close()
}

async function ask(statement: string): Promise<string> {
  try {
    const result = await session.queryAsync(statement, { format: 'TSVRaw' })
    return result.text().trim()
  } catch (thrown) {
    return /\(([A-Z_]+)\)\s*$/.exec(String(thrown).trim())?.[1] ?? String(thrown)
  }
}
