import { insertUntilThere } from '../services/land/landing.ts'
import { rowText } from '../services/land/row-text.ts'
import type { Workspace } from './workspace.ts'

/** Tells the tables which generations are live; the views read these. */
export const landControl = async ({ control, warehouse }: Workspace, signal: AbortSignal): Promise<void> => {
  // The newest row of a line is the one that counts, also when the clock has gone back.
  const [newest] = await warehouse
    .query<{ last: unknown }>('SELECT max(offset) AS last FROM live_generations')
    .catch(() => [])
  const offset = Math.max(Date.now(), Number(newest?.last ?? 0) + 1)
  const rows = [...control.generations.values()]
    .filter(({ state }) => state === 'live')
    .map(({ stage, line, generation }) => ({ stage, line, generation, offset }))
  await insertUntilThere(warehouse, 'live_generations', rowText(rows), signal)
}
