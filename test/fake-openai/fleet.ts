import { type BookedCall, totalsOf } from './books.ts'
import { fakeOpenai } from './server.ts'
import type { FakeOptions, FakeSettings } from './settings.ts'

/** Several servers of the same model, as one per GPU; what `sick` says holds for the first one besides. */
export interface FleetOptions extends FakeOptions {
  servers?: number
  sick?: FakeSettings
}

/** Starts servers; `url` names all of them, as pipeline.yaml takes it. */
export const fakeFleet = async ({ servers: count = 1, sick, ...options }: FleetOptions = {}) => {
  const servers = await Promise.all(
    Array.from({ length: count }, (_, i) => {
      const port = options.port ? { port: options.port + i } : {}
      return fakeOpenai({ ...options, ...(i === 0 && sick), ...port })
    }),
  )
  const calls = (): BookedCall[] => servers.flatMap((server) => [...server.calls()])
  return {
    url: servers.map(({ url }) => url).join(','),
    servers,
    calls,
    books: () => totalsOf(calls()),
    close: () => Promise.all(servers.map((server) => server.close())),
  }
}
