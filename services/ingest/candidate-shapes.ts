import { isRow, pathValue, type Row } from './row-value.ts'

const listNames = ['messages', 'conversations', 'conversation', 'turns', 'dialog', 'dialogue', 'question.0']
/** Preference rows have two whole conversations: this one is the better. */
const betterNames = ['chosen']
const worseNames = ['rejected']
const questionNames = ['question', 'prompt', 'instruction', 'input', 'query', 'user', 'problem']
/** Texts that questions are about. */
const contextNames = ['input', 'context']
/** Whole answers first: beside a solution an answer is often only its last number. */
const answerNames = [
  ...['response', 'output', 'gemini_attempt', 'attempt', 'completion', 'assistant', 'solution', 'answer'],
  ...betterNames,
]
const thinkNames = ['gemini_thinking_trajectory', 'thinking_trajectory', 'reasoning', 'thinking', 'think']

/** A mapping of rows to conversations, and what it is in words. */
export interface CandidateShape {
  /** Undefined = the smoltalk2 shape. */
  columns: Record<string, unknown> | undefined
  description: string
}

/** Mappings worth trying for rows like these, the simplest first. */
export const candidateShapes = (rows: unknown[]): CandidateShape[] => {
  // A column that the first rows lack may be in later ones.
  const row: Row = Object.assign({}, ...rows.filter(isRow).toReversed())
  const has = (name: string) => pathValue(row, name) !== undefined
  const extra = { ...(has('tools') && { tools: 'tools' }), ...(has('system') && { system: 'system' }) }
  const lists = listPaths(row).flatMap((messages): CandidateShape[] => {
    if (isTextList(pathValue(row, messages)))
      return [
        { columns: { user: `${messages}.0` }, description: `a question in ${messages}.0; the others stay columns` },
      ]
    const forms = [
      { columns: { messages, ...extra }, description: `a list of messages in ${messages}` },
      {
        columns: { messages, role: 'from', content: 'value', ...extra },
        description: `a list of {from, value} in ${messages} (ShareGPT)`,
      },
    ]
    // The answer is a message of its own, or the one message of a list.
    const answers = answerNames.flatMap((name) => {
      const value = pathValue(row, name)
      if (isRow(value)) return [name]
      return isMessageList(value) && name !== messages ? [`${name}.0`] : []
    })
    const answered = answers.flatMap((assistant) =>
      forms.map((form) => ({
        columns: { ...form.columns, assistant },
        description: `${form.description}, the answer in ${assistant}`,
      })),
    )
    return [...forms, ...answered]
  })
  return [
    { columns: undefined, description: 'the smoltalk2 shape: messages of {role, content}' },
    ...lists,
    ...pairs(row),
  ]
}

/** A question and an answer in columns of their own. */
const pairs = (row: Row): CandidateShape[] => {
  const find = (names: string[], without: (string | undefined)[] = []) =>
    names.find((name) => !without.includes(name) && pathValue(row, name) !== undefined)
  const user = find(questionNames)
  if (user === undefined) return []
  const isText = (name: string) => typeof pathValue(row, name) === 'string'
  const assistant = find(answerNames, [user])
  const context = find(contextNames.filter(isText), [user, assistant])
  const think = assistant && find(thinkNames)
  const parts = { user, context, assistant, think }
  const columns = Object.fromEntries(Object.entries(parts).filter(([, name]) => name !== undefined))
  const about = context === undefined ? '' : ` with what it is about in ${context}`
  const answered = assistant === undefined ? '' : `, an answer in ${assistant}`
  const reasoned = think === undefined ? '' : `, reasoning in ${think}`
  return [{ columns, description: `a question in ${user}${about}${answered}${reasoned}` }]
}

/** Where lists may be that are conversations: under names that are usual, then wherever a list of messages stands. */
const listPaths = (row: Row): string[] => {
  const found = messageLists(row, '', 1)
  const isWorse = (path: string) => worseNames.includes(path.split('.').at(-1)!)
  const usual = [...listNames, ...betterNames].filter((name) => pathValue(row, name) !== undefined)
  return [...new Set([...usual, ...found.filter((path) => !isWorse(path)), ...found])]
}

const deepest = 4

/** Paths of lists of messages, in the order of the row. */
const messageLists = (row: Row, before: string, depth: number): string[] =>
  Object.entries(row).flatMap(([name, value]) => {
    if (isRow(value)) return depth < deepest ? messageLists(value, `${before}${name}.`, depth + 1) : []
    return isMessageList(value) ? [before + name] : []
  })

const isMessageList = (value: unknown): boolean => {
  const first = Array.isArray(value) ? value[0] : undefined
  return isRow(first) && (('role' in first && 'content' in first) || ('from' in first && 'value' in first))
}

const isTextList = (value: unknown): boolean => Array.isArray(value) && typeof value[0] === 'string'
