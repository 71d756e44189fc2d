import { KalamError } from '../../dataflow/error.ts'

const reading = new Set(['SELECT', 'WITH', 'FROM', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS'])

/**
 * One statement that only reads, without comments and its semicolon, as it is put to the warehouse. KalamError usage for
 * none or several, for one that changes something, and for one that says itself where or how its result is written.
 */
export const readStatement = (sql: string): string => {
  const statements = split(sql).filter(({ text }) => text.trim() !== '')
  const [statement] = statements
  if (statement === undefined) throw refused('there is no statement', 'Try: SHOW TABLES')
  if (statements.length > 1) {
    throw refused(`there are ${statements.length} statements`, 'One at a time; a semicolon ends a statement.')
  }
  const first = /^[\s(]*(\w*)/.exec(statement.words)?.[1]?.toUpperCase() ?? ''
  if (!reading.has(first)) {
    throw refused(
      `it begins with ${first === '' ? JSON.stringify(statement.text.trim().slice(0, 20)) : first}`,
      'Only queries are taken: SELECT, WITH, SHOW, DESCRIBE, EXPLAIN, EXISTS. The tables follow the topics and are never edited.',
    )
  }
  if (/\bINTO\s+OUTFILE\b/i.test(statement.words)) throw refused('it writes a file', 'Use --format csv > file.csv.')
  const format = /\bFORMAT\s+(\w+)\s*(?:SETTINGS\b.*)?$/is.exec(statement.words)?.[1]
  if (format !== undefined) {
    throw refused(`it has its own FORMAT ${format}`, 'Leave it out and use --format table, json or csv.')
  }
  return statement.text.trim()
}

const refused = (fact: string, hint: string): KalamError =>
  new KalamError('usage', `reading the query: ${fact}`, { hint })

interface Statement {
  /** Without comments. */
  text: string
  /** The same with strings and quoted names blank, to look for words in. */
  words: string
}

/** A comment, a string, a quoted name, a here document, a semicolon; whatever is not ended goes to the end. */
const piece =
  /--[^\n]*|#[ !][^\n]*|\/\*.*?(?:\*\/|$)|'[^'\\]*(?:(?:\\(?:.|$)|'')[^'\\]*)*(?:'|$)|"[^"\\]*(?:\\(?:.|$)[^"\\]*)*(?:"|$)|`[^`\\]*(?:\\(?:.|$)[^`\\]*)*(?:`|$)|\$(\w*)\$.*?(?:\$\1\$|$)|;/gs

const split = (sql: string): Statement[] => {
  const statements: Statement[] = [{ text: '', words: '' }]
  let from = 0
  const add = (text: string, words: string) => {
    const statement = statements.at(-1)!
    statement.text += text
    statement.words += words
  }
  for (const found of sql.matchAll(piece)) {
    const between = sql.slice(from, found.index)
    add(between, between)
    from = found.index + found[0].length
    if (found[0] === ';') statements.push({ text: '', words: '' })
    else if (/^(?:--|#|\/\*)/.test(found[0])) add(' ', ' ')
    else add(found[0], "''")
  }
  add(sql.slice(from), sql.slice(from))
  return statements
}
