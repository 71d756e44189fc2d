import { createHash } from 'node:crypto'

/** A number from 0 to 1 that a seed gives the row at a position of a split: the same in every process. */
export const drawOf = (seed: number | string, split: string, position: number): number =>
  createHash('md5').update(`${seed}/${split}/${position}`).digest().readUIntBE(0, 6) / 2 ** 48

/** Of all that is offered, what drew the lowest numbers. */
export interface Lowest<Item> {
  /** How many were offered. */
  readonly offered: number
  /** Makes the item only when it is among the lowest so far. */
  offer(draw: number, item: () => Item): void
  /** At most as many as are wanted, in the order they were offered. */
  taken(): Item[]
}

/** Keeps the `count` lowest draws, so that every row has the same chance, however many there are. */
export const lowest = <Item>(count: number): Lowest<Item> => {
  let held: { draw: number; at: number; item: Item }[] = []
  let limit = Number.POSITIVE_INFINITY
  let offered = 0
  const shrink = () => {
    held = held.sort((a, b) => a.draw - b.draw || a.at - b.at).slice(0, count)
    limit = held.length < count ? limit : (held.at(-1)?.draw ?? 0)
  }
  return {
    get offered() {
      return offered
    },
    offer(draw, item) {
      const at = offered++
      if (draw >= limit || count === 0) return
      held.push({ draw, at, item: item() })
      if (held.length >= 2 * count) shrink()
    },
    taken() {
      shrink()
      return held.sort((a, b) => a.at - b.at).map(({ item }) => item)
    },
  }
}
