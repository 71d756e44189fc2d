import type { Detector } from './detector.ts'

const fenceLine = /^[ \t]*(?:[-*+>] |\d{1,3}[.)] )?[ \t]*(`{3,}|~{3,})([^\n]*)$/gm

/** A code fence of the target is not closed, though those of the source are. */
export const unbalancedFence: Detector = {
  reason: 'unbalanced_fence',
  version: 1,
  find: ({ source, target }) => {
    const start = openFence(target)
    return start === undefined || openFence(source) !== undefined ? undefined : { reason: 'unbalanced_fence', start }
  },
}

/** Where the fence opens that nothing closes. */
function openFence(text: string): number | undefined {
  if (!text.includes('```') && !text.includes('~~~')) return undefined
  let open: { mark: string; start: number } | undefined
  for (const { 0: whole, 1: mark = '', 2: info = '', index } of text.matchAll(fenceLine)) {
    if (open === undefined) {
      // A fence and its end on one line is inline code.
      if (!info.includes(mark[0]!)) open = { mark, start: index + whole.indexOf(mark) }
    } else if (mark[0] === open.mark[0] && mark.length >= open.mark.length && info.trim() === '') open = undefined
  }
  return open?.start
}
