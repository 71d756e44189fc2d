/** A message's author, as in the smoltalk2 shape. */
export type Role = 'system' | 'user' | 'assistant' | 'tool'

/** What a typed piece of a message is; code, math, tool_call, tool_response and tools are never translated. */
export type PartType = 'text' | 'think' | 'code' | 'math' | 'tool_call' | 'tool_response' | 'tools' | 'system'

/** Whether a piece is sent to a translator or copied byte for byte. */
export type Kind = 'translate' | 'keep'

/** A typed piece of a message; the texts of a message's parts, joined, are its content byte for byte. */
export interface Part {
  type: PartType
  kind: Kind
  text: string
}

/** One turn of a conversation. */
export interface Turn {
  role: Role
  content: string
}
