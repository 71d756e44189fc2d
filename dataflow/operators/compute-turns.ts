/** How long units that only compute may follow each other beside calls, in milliseconds. */
const sliceMs = 1
/** So long after a call others are still expected. */
const callsMs = 1000

// The event loop is the process's, so these are too.
let until = 0
let lastCallMs = Number.NEGATIVE_INFINITY
let isPlanned = false
const waiting: (() => void)[] = []

/** A call to somebody else has ended: answers come first for a while. */
export const callEnded = (): void => {
  lastCallMs = performance.now()
}

/**
 * Asked before every unit that only computes; undefined where it may begin at once, as always without calls. Stages go on for as long
 * as they have records, and beside calls nobody would take in the answers that arrive meanwhile, whose places at the endpoint are paid
 * for: there computing gets the time that these leave, a slice for every turn of the event loop.
 */
export const computeTurn = (): Promise<void> | undefined => {
  const now = performance.now()
  if (now < until || now - lastCallMs > callsMs) return undefined
  return new Promise((resolve) => {
    waiting.push(resolve)
    plan()
  })
}

const plan = (): void => {
  if (isPlanned) return
  isPlanned = true
  setImmediate(grant)
}

/** A slice for those who wait, in their order; behind it the event loop looks for what has arrived. */
const grant = (): void => {
  isPlanned = false
  until = performance.now() + sliceMs
  grantNext()
}

const grantNext = (): void => {
  waiting.shift()?.()
  // Comes when what that one computes at once is done: small units share a slice.
  queueMicrotask(() => {
    if (waiting.length === 0) return
    if (performance.now() < until) grantNext()
    else plan()
  })
}
