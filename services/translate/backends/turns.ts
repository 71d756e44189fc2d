import { orAborted } from '../abortable.ts'

/** Lets calls in together, and some of them alone, in the order of their coming. */
export interface Turns {
  /** Resolves when the call may begin; rejects when the signal is aborted before. */
  enter(isAlone: boolean, signal: AbortSignal): Promise<void>
  leave(): void
}

/** Nobody inside. */
export const turns = (): Turns => {
  let inside = 0
  let isTaken = false
  let waiting: { isAlone: boolean; go(): void }[] = []
  const fits = (isAlone: boolean) => !isTaken && (!isAlone || inside === 0)
  const take = (isAlone: boolean) => {
    inside++
    isTaken = isAlone
  }
  const letIn = () => {
    for (let next = waiting[0]; next && fits(next.isAlone); next = waiting[0]) {
      waiting.shift()
      take(next.isAlone)
      next.go()
    }
  }
  const leave = () => {
    inside--
    isTaken = false
    letIn()
  }
  return {
    leave,
    async enter(isAlone, signal) {
      if (waiting.length === 0 && fits(isAlone)) return take(isAlone)
      let isIn = false
      const waiter = { isAlone, go: () => {} }
      const turn = new Promise<void>((resolve) => {
        waiter.go = () => {
          isIn = true
          resolve()
        }
      })
      waiting.push(waiter)
      try {
        await orAborted(turn, signal)
      } catch (thrown) {
        if (isIn) leave()
        waiting = waiting.filter((one) => one !== waiter)
        letIn()
        throw thrown
      }
    },
  }
}
