/** A stream that reads in turns with others. */
export interface Turn {
  /** Hands over, and resolves when this stream is the least far of all that wait, or at the signal. */
  next(progress: number, signal: AbortSignal): Promise<void>
  /** The stream is through. */
  leave(): void
}

/** Streams of which one reads at a time: always the one that is least far. */
export interface Turns {
  /** Adds the streams of one source at once. */
  join(progress: readonly number[]): Turn[]
}

/** Sources that another process reads never come: those that did begin without them. */
const patienceMs = 5000

/**
 * Turns for the streams of so many sources, by their progress from 0 to 1: so all are read in proportion to their size,
 * whatever that is. None begins before all sources have joined, or have had their time to.
 */
export const fairTurns = (sources: number): Turns => {
  interface Stream {
    progress: number
    go?: (() => void) | undefined
  }
  const streams = new Set<Stream>()
  let joined = 0
  let isOpen = false
  let running: Stream | undefined
  const grant = () => {
    if (!isOpen || running) return
    const waiting = [...streams].filter(({ go }) => go)
    // Who has joined and does not wait yet is about to.
    if (waiting.length < streams.size || waiting.length === 0) return
    const first = waiting.reduce((least, stream) => (stream.progress < least.progress ? stream : least))
    running = first
    const { go } = first
    first.go = undefined
    go?.()
  }
  const release = (stream: Stream) => {
    if (running === stream) running = undefined
  }
  const open = () => {
    isOpen = true
    grant()
  }
  const turnOf = (stream: Stream): Turn => ({
    next: (progress, signal) =>
      new Promise<void>((resolve) => {
        release(stream)
        stream.progress = progress
        const ended = () => {
          streams.delete(stream)
          release(stream)
          stream.go?.()
          stream.go = undefined
          grant()
        }
        stream.go = () => {
          signal.removeEventListener('abort', ended)
          resolve()
        }
        if (signal.aborted) ended()
        else signal.addEventListener('abort', ended, { once: true })
        grant()
      }),
    leave() {
      streams.delete(stream)
      release(stream)
      grant()
    },
  })
  return {
    join(progress) {
      if (++joined === sources) open()
      else if (joined === 1) setTimeout(open, patienceMs).unref()
      return progress.map((at) => {
        const stream: Stream = { progress: at }
        streams.add(stream)
        return turnOf(stream)
      })
    },
  }
}
