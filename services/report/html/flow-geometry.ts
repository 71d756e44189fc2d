/** A run of conversations at one place: how far down it begins and how high it is, in pixels. */
export interface Span {
  y: number
  h: number
}

/** A lane of one translator line: its candidates, and of these the ones that won and are kept, then those dropped. */
export interface Lane {
  whole: Span
  kept: Span
  dropped: Span
}

/** Where everything in the flow stands; spans of the same conversations have the same height everywhere. */
export interface FlowGeometry {
  height: number
  read: Span
  cameIn: Span
  lanes: Lane[]
  /** Winners at the ranking: kept by lane, then dropped. */
  won: Span[]
  dropped: Span
  kept: Span[]
}

const fullHeight = 150
const labelHeight = 88
const gap = 16
const least = 1.5

/** Lays out the flow of a ranking from counts of conversations. */
export const flowGeometry = (counts: {
  read: number
  cameIn: number
  lanes: { inLine: number; kept: number; dropped: number }[]
  dropped: number
}): FlowGeometry => {
  const most = Math.max(1, counts.read, counts.cameIn)
  const full = counts.lanes.length <= 2 ? fullHeight : Math.max(64, 320 / counts.lanes.length)
  const sized = (count: number): number => (count === 0 ? 0 : Math.max(least, (count / most) * full))
  const slots = counts.lanes.map(({ inLine }) => Math.max(labelHeight, sized(inLine)))
  const lanesHeight = slots.reduce((sum, slot) => sum + slot, 0) + gap * Math.max(0, slots.length - 1)
  const cameIn = sized(counts.cameIn)
  const middle = Math.max(lanesHeight, full) / 2
  const top = middle - cameIn / 2
  let at = middle - lanesHeight / 2
  const lanes = counts.lanes.map(({ inLine, kept, dropped }, i) => {
    const h = sized(inLine)
    const y = at + (slots[i]! - h) / 2
    at += slots[i]! + gap
    const keptHeight = Math.min(h, sized(kept))
    return {
      whole: { y, h },
      kept: { y, h: keptHeight },
      dropped: { y: y + keptHeight, h: Math.min(h - keptHeight, sized(dropped)) },
    }
  })
  const won = stacked(
    lanes.map(({ kept }) => kept.h),
    top,
  )
  const keptHeight = won.reduce((sum, { h }) => sum + h, 0)
  return {
    height: Math.max(middle * 2, top + sized(counts.read)),
    read: { y: top, h: sized(counts.read) },
    cameIn: { y: top, h: cameIn },
    lanes,
    won,
    dropped: { y: top + keptHeight, h: sized(counts.dropped) },
    kept: won,
  }
}

const stacked = (heights: readonly number[], from: number): Span[] => {
  let y = from
  return heights.map((h) => {
    const span = { y, h }
    y += h
    return span
  })
}

/** An SVG path between two spans at two distances from the left. */
export const ribbon = (x0: number, from: Span, x1: number, to: Span): string => {
  const middle = (x0 + x1) / 2
  const n = (value: number) => value.toFixed(1)
  return `M${n(x0)},${n(from.y)}C${n(middle)},${n(from.y)} ${n(middle)},${n(to.y)} ${n(x1)},${n(to.y)}V${n(to.y + to.h)}C${n(middle)},${n(to.y + to.h)} ${n(middle)},${n(from.y + from.h)} ${n(x0)},${n(from.y + from.h)}Z`
}
