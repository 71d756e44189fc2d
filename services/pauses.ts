import type { ControlState } from '../dataflow/control.ts'

/** How the lines of a pipeline pause. */
export type Pause = 'waiting' | 'skipping'

/** Whether a translator line pauses, and how. */
export const pauseOf = (control: ControlState, line: string): Pause | undefined => {
  const state = control.pauses.get(`pause/translate/${line}`)?.state
  return state === 'waiting' || state === 'skipping' ? state : undefined
}
