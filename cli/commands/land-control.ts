import { insertUntilThere } from '../../services/land/landing.ts'
import type { Workspace } from '../workspace.ts'

/** Tells the views which generations they show. */
export const landControl = async ({ control, warehouse }: Workspace, signal: AbortSignal): Promise<void> => {
  const rows = [...control.generations.values()]
    .filter(({ state }) => state === 'live')
    .map(({ stage, line, generation }) => ({ stage, line, generation, offset: Date.now() }))
  await insertUntilThere(warehouse, 'live_generations', rows, signal)
}
