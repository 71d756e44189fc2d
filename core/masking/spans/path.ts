import type { Range, SpanKind } from '../span.ts'

const extensions = new Set([
  ...['py', 'ipynb', 'js', 'mjs', 'cjs', 'jsx', 'ts', 'tsx', 'vue', 'json', 'jsonl', 'csv', 'tsv', 'txt', 'md', 'mdx'],
  ...['html', 'htm', 'css', 'scss', 'xml', 'yaml', 'yml', 'toml', 'ini', 'cfg', 'conf', 'env', 'lock', 'log', 'sh'],
  ...['bash', 'bat', 'ps1', 'c', 'h', 'cc', 'cpp', 'hpp', 'cs', 'java', 'jar', 'kt', 'swift', 'go', 'rs', 'rb', 'php'],
  ...['pl', 'lua', 'sql', 'db', 'sqlite', 'parquet', 'pdf', 'doc', 'docx', 'xls', 'xlsx', 'ppt', 'pptx', 'tex', 'png'],
  ...['jpg', 'jpeg', 'gif', 'svg', 'webp', 'mp3', 'mp4', 'wav', 'zip', 'tar', 'gz', 'exe', 'dll', 'bin', 'dat', 'pkl'],
])

const domains = new Set(['com', 'org', 'net', 'edu', 'gov', 'io', 'dev', 'ai', 'app'])

/** `/usr/lib/x`, `./a`, `~/a`, `src/main.ts`, `main.ts`, `C:\a\b`; not `and/or`, not `1/2`. */
export const filePath: SpanKind = { kind: 'file_path', triggers: '/.:', reader: (text) => nameReader(text, isPath) }

/** Addresses without a scheme, as `example.org/a`. */
export const domain: SpanKind = { kind: 'url', triggers: '/.', reader: (text) => nameReader(text, isDomain) }

/** Reads the run of name characters around a place once, and takes it when `accepts` does. */
function nameReader(text: string, accepts: (name: string) => boolean) {
  let readUntil = 0
  return (at: number, floor: number): Range | undefined => {
    if (text[at] === ':') return accepts === isPath ? drivePath(text, at, floor) : undefined
    if (at < readUntil) return undefined
    let start = at
    const least = Math.max(floor, at - 128)
    while (start > least && isNameUnit(text.charCodeAt(start - 1))) start--
    let end = at + 1
    while (isNameUnit(text.charCodeAt(end))) end++
    readUntil = end
    while (end > at + 1 && '.-'.includes(text[end - 1]!)) end--
    // What is longer is data, and a mailbox or the middle of a word is no name.
    if (end - start > 1024 || isWordUnit(text[start - 1]) || text[end] === '@' || isWordUnit(text[end]))
      return undefined
    return accepts(text.slice(start, end)) ? { start, end } : undefined
  }
}

/** `C:\a b` ends before the first space; the drive is one letter. */
function drivePath(text: string, colon: number, floor: number): Range | undefined {
  if (colon - 1 < floor || !/[A-Za-z]/.test(text[colon - 1] ?? '') || isWordUnit(text[colon - 2])) return undefined
  if (text[colon + 1] !== '\\' && text[colon + 1] !== '/') return undefined
  let end = colon + 2
  while (isNameUnit(text.charCodeAt(end)) || text[end] === '\\') end++
  while ('.-'.includes(text[end - 1]!)) end--
  return end > colon + 2 ? { start: colon - 1, end } : undefined
}

function isPath(name: string): boolean {
  const segments = name.split('/').filter((segment) => segment !== '')
  const last = segments.at(-1) ?? ''
  const hasExtension = /[A-Za-z0-9_-]\.[a-z0-9]+$/.test(last) && extensions.has(last.slice(last.lastIndexOf('.') + 1))
  if (hasExtension) return true
  if (!name.includes('/')) return /^\.[a-z]{2,20}(rc|ignore)$|^\.env$/.test(name)
  if (/^(?:\.{1,2}|~)\//.test(name)) return segments.length > 1 && /[A-Za-z]/.test(name)
  if (!/[A-Za-z]{2}/.test(name)) return false
  return name.startsWith('/') ? segments.length > 1 : name.endsWith('/') && segments.length > 1
}

function isDomain(name: string): boolean {
  const host = name.split('/', 1)[0]!
  return /^[A-Za-z0-9][A-Za-z0-9-]*(\.[A-Za-z0-9-]+)+$/.test(host) && domains.has(host.slice(host.lastIndexOf('.') + 1))
}

/** ASCII letters and digits and `_ . - / ~ + %`. */
function isNameUnit(unit: number): boolean {
  if ((unit >= 0x61 && unit <= 0x7a) || (unit >= 0x2d && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a)) return true
  return unit === 0x5f || unit === 0x7e || unit === 0x2b || unit === 0x25
}

function isWordUnit(char: string | undefined): boolean {
  return char !== undefined && /[\p{L}\p{N}_]/u.test(char)
}
