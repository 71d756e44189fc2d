const notAscii = /[^\0-\x7e]/g

/** JSON in one line of ASCII, which programs read alike whatever they take for an encoding or a line break. */
export const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(notAscii, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** The object that a line holds, if it is one. */
export const readLine = (line: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
