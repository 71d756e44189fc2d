import { readFileSync } from 'node:fs'

const firstLine = readFileSync(new URL('../bin/kalam.js', import.meta.url), 'utf8').split('\n', 1)[0]!
const words = firstLine.split(' ').slice(2)
const nodeAt = words.indexOf('node')

/** Node as the first line of `bin/kalam.js` starts it. Programs that stand for `kalam` begin with `limitHeapGrowth()`, as it does. */
export const kalamNode = [process.execPath, ...words.slice(nodeAt + 1)]

/** The variables that this line sets. */
export const kalamEnv = Object.fromEntries(words.slice(0, nodeAt).map((word) => word.split('=')))
