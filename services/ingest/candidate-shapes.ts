import { isRow, pathValue, type Row } from './row-value.ts'

const listNames = ['messages', 'conversations', 'conversation', 'turns', 'dialog', 'dialogue', 'question.0']
const questionNames = ['question', 'prompt', 'instruction', 'input', 'query', 'user', 'problem']
/** Whole answers first: beside a solution an answer is often only its last number. */
const answerNames = ['response', 'output', 'gemini_attempt', 'attempt', 'completion', 'assistant', 'solution', 'answer']
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
  const lists = listNames.filter(has).flatMap((messages): CandidateShape[] => {
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
    const chosen = forms.map((form) => ({
      columns: { ...form.columns, assistant: 'chosen' },
      description: `${form.description}, the answer in chosen`,
    }))
    return has('chosen') ? [...forms, ...chosen] : forms
  })
  const user = questionNames.find(has)
  const assistant = answerNames.find((name) => name !== user && has(name))
  const think = thinkNames.find(has)
  const words = `a question in ${user}${assistant ? `, an answer in ${assistant}` : ''}${assistant && think ? `, reasoning in ${think}` : ''}`
  const pair = { user, ...(assistant && { assistant }), ...(assistant && think && { think }) }
  return [
    { columns: undefined, description: 'the smoltalk2 shape: messages of {role, content}' },
    ...lists,
    ...(user ? [{ columns: pair, description: words }] : []),
  ]
}

const isTextList = (value: unknown): boolean => Array.isArray(value) && typeof value[0] === 'string'
