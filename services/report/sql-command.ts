const plain = /^[\w.-]+$/

/** A command to ask the tables about things by name; empty when a name could not stand in a shell as it is. */
export const sqlCommand = (query: string, ...names: string[]): string =>
  names.every((name) => plain.test(name)) ? `kalam sql "${query}"` : ''
