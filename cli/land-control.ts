import { insertUntilThere } from '../services/land/landing.ts'
import { rowText } from '../services/land/row-text.ts'
import type { Workspace } from './workspace.ts'

/** Tells the tables which generations are live; the views read these. */
export const landControl = async ({ control, warehouse }: Workspace, signal: AbortSignal): Promise<void> => {
  const rows = [...control.generations.values()]
    .filter(({ state }) => state === 'live')
    .map(({ stage, line, generation }) => ({ stage, line, generation, offset: Date.now() }))
  await insertUntilThere(warehouse, 'live_generations', rowText(rows), signal)
}
