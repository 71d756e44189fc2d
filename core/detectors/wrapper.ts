import type { Detector, Finding } from './detector.ts'

/** Marks around what a model thinks before it answers. */
const thinking = /<\/?(?:think|thinking|thought|thoughts|reasoning|reflection|scratchpad)>/i
/** One tag around everything. */
const tagged = /^<([A-Za-z][\w:-]{0,40})(?:\s[^<>]{0,400})?>[\s\S]*<\/\1>$/
const fence = '```'
/** JSON that may be around a text of such a length, in UTF-16 units. */
const longestJson = 200_000

/** The answer stands in JSON, a tag or a code fence, or with what the model thought, and the source does not. */
export const wrapper: Detector = {
  reason: 'wrapper',
  version: 1,
  find: ({ source, target }) => {
    const found = target.includes('<') ? thinking.exec(target) : null
    if (found && !thinking.test(source)) return at(found.index, found.index + found[0].length)
    const text = target.trim()
    const isWrapped =
      (text.startsWith('<') && isTagged(text, source)) ||
      (text.startsWith(fence) && text.length > fence.length && text.endsWith(fence) && !source.includes(fence)) ||
      (/^[{[]/.test(text) && isJsonOfTexts(text) && !/^\s*[{[]/.test(source))
    return isWrapped ? at(0, target.length) : undefined
  },
}

/** Quotation marks around the answer, and none around the source. */
export const quoted: Detector = {
  reason: 'quoted',
  version: 1,
  find: ({ source, target }) => {
    const text = target.trim()
    const close = closing[text.charAt(0)]
    if (close === undefined || text.length < 3 || text.indexOf(close, 1) !== text.length - 1) return undefined
    return /["“”«»„'‘’`]/.test(source) ? undefined : { reason: 'quoted', start: 0, end: target.length }
  },
}

const closing: Readonly<Record<string, string>> = { '"': '"', '“': '”', '«': '»', '„': '“' }

function isTagged(text: string, source: string): boolean {
  const name = tagged.exec(text)?.[1]
  return name !== undefined && !source.toLowerCase().includes(`<${name.toLowerCase()}`)
}

/** Whether a text is an object or a list with a text in it, as JSON has them. */
function isJsonOfTexts(text: string): boolean {
  if (!/[}\]]$/.test(text) || !text.includes('"') || text.length > longestJson) return false
  try {
    return Object.values(JSON.parse(text) as object).some((value) => typeof value === 'string')
  } catch {
    return false
  }
}

function at(start: number, end: number): Finding {
  return { reason: 'wrapper', start, end }
}
