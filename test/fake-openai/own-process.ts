import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type BookedCall, type BookTotals, totalsOf } from './books.ts'
import type { FakeSettings } from './settings.ts'

/** Fake servers in a process of their own. */
export interface FakeProcess {
  /** For `url` of a translator. */
  url: string
  pid: number
  /** Every call that has ended, of all servers. */
  calls(): Promise<BookedCall[]>
  books(): Promise<BookTotals>
  /** Changes settings of all servers. */
  set(settings: FakeSettings): Promise<void>
  /** Forgets the calls in the books. */
  clear(): Promise<void>
  stop(): Promise<void>
}

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

/** Starts servers, by default one, in a process that ends with this one. */
export const fakeProcess = async (
  settings: FakeSettings & { servers?: number; sick?: FakeSettings } = {},
): Promise<FakeProcess> => {
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), main, JSON.stringify({ ...settings, withParent: true })],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string]
  const origins = url.split(',').map((one) => new URL(one).origin)
  const ask = async <Answer>(page: string, init?: RequestInit): Promise<Answer[]> =>
    Promise.all(origins.map(async (origin) => (await (await fetch(origin + page, init)).json()) as Answer))
  const calls = async () => (await ask<BookedCall[]>('/calls')).flat()
  return {
    url,
    pid: child.pid!,
    calls,
    // One server sums up itself: its calls may be many.
    books: async () => (origins.length === 1 ? (await ask<BookTotals>('/books'))[0]! : totalsOf(await calls())),
    async set(more) {
      await ask('/set', { method: 'POST', body: JSON.stringify(more) })
    },
    async clear() {
      await ask('/clear')
    },
    async stop() {
      const ended = once(child, 'close')
      child.kill()
      await ended
    },
  }
}
