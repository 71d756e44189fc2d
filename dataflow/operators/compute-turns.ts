/** How long units that only compute may follow each other beside calls, in milliseconds. */
const sliceMs = 1
/** So long after a call others are still expected. */
const callsMs = 1000

/** So long after a place for a call found no text what makes texts goes first. */
const wantedMs = 20

interface Waiter {
  /** Counts those who wait. */
  number: number
  go(): void
}

// The event loop is the process's, so these are too.
let until = 0
let lastCallMs = Number.NEGATIVE_INFINITY
let wantedUntil = 0
let isPlanned = false
let waiters = 0
/** Units that make texts to call for, or room for them, and all others. */
const feeding: Waiter[] = []
const others: Waiter[] = []

/** A call to somebody else has ended: answers come first for a while. */
export const callEnded = (): void => {
  lastCallMs = performance.now()
}

/** A place for a call found no text: units that make some go first for a while. */
export const textsWanted = (): void => {
  wantedUntil = performance.now() + wantedMs
}

/**
 * Asked before every unit that only computes; undefined where it may begin at once, as always without calls. Stages go on for as long
 * as they have records, and beside calls nobody would take in the answers that arrive meanwhile, whose places at the endpoint are paid
 * for: there computing gets the time that these leave, a slice for every turn of the event loop. A unit that `feeds` makes texts to call
 * for, or room for them, and goes before others while they are wanted.
 */
export const computeTurn = ({ feeds }: { feeds: boolean }): Promise<void> | undefined => {
  const now = performance.now()
  if (now - lastCallMs > callsMs || (now < until && (feeds || now >= wantedUntil))) return undefined
  return new Promise((go) => {
    const queue = feeds ? feeding : others
    queue.push({ number: waiters++, go })
    plan()
  })
}

const plan = (): void => {
  if (isPlanned) return
  isPlanned = true
  setImmediate(grant)
}

/** A slice for those who wait; behind it the event loop looks for what has arrived. */
const grant = (): void => {
  isPlanned = false
  until = performance.now() + sliceMs
  grantNext()
}

/** In their order, but for those who go first. */
const next = (): Waiter | undefined => {
  const [feeder] = feeding
  const [other] = others
  const isFirst = feeder && (!other || feeder.number < other.number || performance.now() < wantedUntil)
  return isFirst ? feeding.shift() : others.shift()
}

const grantNext = (): void => {
  next()?.go()
  // Comes when what that one computes at once is done: small units share a slice.
  queueMicrotask(() => {
    if (feeding.length + others.length === 0) return
    if (performance.now() < until) grantNext()
    else plan()
  })
}
