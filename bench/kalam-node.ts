/**
 * Node as `bin/kalam.js` starts it, in its environment. Programs that stand for `kalam` begin with `limitHeapGrowth()` besides,
 * as it does.
 */
export const kalamNode = [process.execPath, '--min-semi-space-size=32', '--max-semi-space-size=32']
export const kalamEnv = { MALLOC_MMAP_THRESHOLD_: '131072' }
