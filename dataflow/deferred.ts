/** A promise that is settled from outside. */
export interface Deferred {
  readonly promise: Promise<void>
  resolve(): void
  reject(thrown: unknown): void
}

/** Makes one; `Promise.withResolvers` of newer Node versions. */
export const deferred = (): Deferred => {
  let resolve = () => {}
  let reject = (_thrown: unknown) => {}
  const promise = new Promise<void>((fulfil, refuse) => {
    resolve = fulfil
    reject = refuse
  })
  return { promise, resolve, reject }
}
