/** A door that one waiter waits at: opening it lets it pass once, also when it comes later. An aborted signal opens it. */
export const gate = (signal: AbortSignal) => {
  let isOpen = false
  let pass: (() => void) | undefined
  const open = () => {
    isOpen = true
    pass?.()
  }
  signal.addEventListener('abort', open, { once: true })
  return {
    open,
    /** Resolves with true when it opened, with false after `ms`. */
    opened: (ms?: number): Promise<boolean> =>
      new Promise((resolve) => {
        let timer: NodeJS.Timeout | undefined
        const end = (result: boolean) => {
          if (timer) clearTimeout(timer)
          pass = undefined
          if (result) isOpen = false
          resolve(result)
        }
        if (isOpen) return end(true)
        if (ms !== undefined && ms <= 0) return end(false)
        pass = () => end(true)
        if (ms !== undefined) timer = setTimeout(() => end(false), ms)
      }),
  }
}
