import { setTimeout as sleep } from 'node:timers/promises'

/** Free and all bytes of a disk. */
export interface DiskSpace {
  free: number
  total: number
}

/** What waits for room: nothing, the sources, or translators as well. */
export type DiskState = 'enough' | 'sources_wait' | 'translators_wait'

/** The free space of a disk, watched. */
export interface DiskRoom {
  readonly state: DiskState
  /** Resolves when sources may go on, or at the signal. */
  room(signal: AbortSignal): Promise<void>
  stop(): void
}

const units: Record<string, number> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 }

/** The bytes that a setting such as `5 GiB` or `10 %` means on a disk. */
export const bytesOf = (setting: string, total: number): number => {
  const [, number = '0', unit = 'MiB'] = /^([\d.]+)\s*(\S+)$/.exec(setting) ?? []
  return unit === '%' ? (Number(number) / 100) * total : Number(number) * (units[unit] ?? 1)
}

/** Which of them have to wait with so much space. */
export const diskState = ({ free, total }: DiskSpace, minFree: string): DiskState => {
  const least = bytesOf(minFree, total)
  if (free >= least) return 'enough'
  return free < least / 2 ? 'translators_wait' : 'sources_wait'
}

const roomPollMs = 200

/** Looks at a disk again and again; `onChange` is told what waits from now on. */
export const watchDisk = async (options: {
  read(): Promise<DiskSpace>
  minFree: string
  everyMs: number
  onChange(state: DiskState, space: DiskSpace): void
}): Promise<DiskRoom> => {
  const { read, minFree, everyMs, onChange } = options
  let state: DiskState = 'enough'
  const look = async (): Promise<void> => {
    const space = await read()
    const now = diskState(space, minFree)
    if (now === state) return
    state = now
    onChange(state, space)
  }
  await look()
  // A look that fails tells nothing: what was true stays true until the next one.
  const timer = setInterval(() => void look().catch(() => undefined), everyMs)
  return {
    get state() {
      return state
    },
    async room(signal) {
      while (state !== 'enough' && !signal.aborted)
        await sleep(roomPollMs, undefined, { signal }).catch(() => undefined)
    },
    stop: () => clearInterval(timer),
  }
}
