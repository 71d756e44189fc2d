import { setFlagsFromString } from 'node:v8'

/**
 * From now on V8 collects garbage before its heap is three and a half times what was alive at the last full collection.
 * By itself it waits for up to four times where the machine has much memory, and a long run meets the worst moment for it.
 */
export const limitHeapGrowth = (): void => setFlagsFromString('--heap-growing-percent=250')
