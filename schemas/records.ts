// Generated from schemas/*.avsc by `npm run generate`. Do not edit.

/** One piece of one part of a message. The texts of a message's chunks, joined, are its content byte for byte. */
export interface Chunk {
  role: string
  message_index: number
  message_count: number
  /** Position of the part in its message. */
  part_index: number
  /** text, think, code, math, tool_call, tool_response, tools or system. */
  part_type: string
  /** Position in the message. */
  chunk_index: number
  /** Chunks of the message. */
  chunk_count: number
  /** translate, keep, or filtered: stands for a conversation that this generation leaves out. */
  kind: string
  /** UTF-16 offset in the message's content. */
  start: number
  text: string
}

/** The only mutable state of a pipeline; compacted by key. */
export interface Control {
  /** pipeline, generation or pause. */
  kind: string
  /** pipeline: its identity. */
  uuid: string
  partitions: number
  /** generation: chunk, translate, score or rank. */
  stage: string
  line: string
  generation: number
  /** generation: building, live, stopped or dropped; pause: waiting, skipping or resumed. */
  state: string
  settings_hash: string
  /** The resolved settings as canonical JSON. */
  settings: string
  /** Generation of each line it reads, by <stage>/<line>; 1 where none is given. */
  inputs: Record<string, number>
  /** generation: what else its work takes and the hash does not cover, as canonical JSON. */
  recipe: string
  /** generation: replay, retry or ablation; empty = the line's first one. */
  purpose: string
  /** Row filter: only these splits; empty = all. */
  only_splits: string[]
  /** Row filter: so many conversations were asked for; 0 = all. */
  row_limit: number
  /** Row filter: by partition, the ordinal that the first conversation left out has. */
  ordinals_below: number[]
  /** A live generation that stands still while its successor passes it. */
  held: boolean
  /** Not to be deleted once it is superseded. */
  kept: boolean
  /** Milliseconds since 1970. */
  created_at: number
  /** Milliseconds since 1970; 0 = never. */
  promoted_at: number
  /** Milliseconds since 1970; 0 = never. */
  stopped_at: number
}

/** Something that could not come in or on: a bad source row or an undecodable record. */
export interface DeadLetter {
  stage: string
  source: string
  split: string
  row: string
  /** File, or topic and partition. */
  file: string
  /** One-based line, or offset. */
  line: number
  byte_start: number
  byte_end: number
  reason: string
  /** One sentence for a person. */
  detail: string
  /** bad or dropped. */
  verdict: string
  /** First 64 KiB. */
  body: Uint8Array
}

/** One message of an ingested conversation. Its place stands outside the body: key = conversation id, headers index and count. */
export interface Message {
  /** system, user, assistant or tool. */
  role: string
  /** Well-formed text, exactly as in the source. */
  content: string
  /** Name of the source in pipeline.yaml. */
  source: string
  split: string
  /** Zero-based position in the split, or the row's own id. */
  row: string
  /** Index 0 only: where the row was read, relative to the source. */
  file: string
  /** Index 0 only: one-based line or row in that file. */
  line: number
  /** Index 0 only: JSON. */
  chat_template_kwargs: null | string
  /** Index 0 only: the row's other columns, each as JSON. */
  columns: Record<string, string>
}

/** Part of the record above it. */
export interface Candidate {
  line: string
  /** 1 = best; null = not in line. */
  place: null | number
  score: null | number
  complete: boolean
  in_line: boolean
  pseudo: boolean
  flags: Record<string, number>
  metrics: Record<string, null | number>
  /** Gates it does not pass. */
  reasons: string[]
}

/** The verdict of one ranking on one conversation. */
export interface Ranked {
  /** Translator line; null = no candidate. */
  winner: null | string
  /** One sentence. */
  why: string
  /** Score of the winner minus the next one's. */
  margin: null | number
  keep: boolean
  /** true = any text of the winner is no translation. */
  pseudo: boolean
  /** Why dropped, first one first. */
  reasons: string[]
  candidates: Candidate[]
}

/** Part of the record above it. */
export interface PartScore {
  part_type: string
  metrics: Record<string, null | number>
}

/** Part of the record above it. */
export interface Flag {
  code: string
  /** UTF-16 offset in target. */
  start: number
  length: number
  detail: string
}

/** Part of the record above it. */
export interface ConversationScore {
  /** As above over the conversation, and tokens_content, tokens_rendered, turns. */
  metrics: Record<string, null | number>
  parts: PartScore[]
  /** false = the translator's splits leave this conversation out. */
  in_line: boolean
  /** Every chunk translated or kept. */
  complete: boolean
  /** Chunks by terminal status. */
  translated: number
  kept: number
  failed: number
  skipped: number
  /** Chunks failed or skipped by reason. */
  reasons: Record<string, number>
  /** true = any text of it is no translation. */
  pseudo: boolean
}

/** One message of one candidate: rebuilt target, metrics and flags. The last message also carries the conversation's own. */
export interface Scored {
  message_index: number
  role: string
  /** Rebuilt text; a failed chunk shows its source text and is flagged. */
  target: string
  /** true = any text of it is no translation. */
  pseudo: boolean
  /** lr, scr, lr_all, scr_all, tokens_source, tokens_target; null = not applicable. */
  metrics: Record<string, null | number>
  /** Per part type of this message, translated parts only. */
  parts: PartScore[]
  flags: Flag[]
  conversation: null | ConversationScore
}

/** How far one file of a source has been read; written in the transaction of the messages before it. */
export interface SourceCheckpoint {
  source: string
  split: string
  file: string
  /** Rows of this file behind this checkpoint. */
  file_rows: number
  /** Byte (JSONL) or row (Parquet) to go on at. */
  byte: number
  /** One-based line (JSONL) or row (Parquet) to go on at. */
  line: number
  /** Rows of this file behind this checkpoint, by split. */
  split_rows: Record<string, number>
  /** Of this file. */
  selected: number
  dropped: number
  bad: number
  /** End of file reached. */
  done: boolean
  /** SHA-256 of the last bytes before byte, up to 4,096, of a file of lines; empty = not known. */
  mark: string
}

/** Part of the record above it. */
export interface Attempt {
  /** ok, or the reason of refusal in snake_case. */
  outcome: string
  model: string
  provider: string
  prompt_tokens: number
  completion_tokens: number
  /** null = not known. */
  cost_usd: null | number
  latency_ms: number
  finish_reason: string
  from_memory: boolean
  /** When the answer came, milliseconds since 1970. */
  at_ms: number
  /** How it was asked: '' = the whole text, form_1 = with other sentinels, split = a part of it, pieces = between protected spans. */
  step: string
}

/** The terminal record of one chunk in one translator line. It carries no source text: start and length point into the message. */
export interface Translation {
  message_index: number
  message_count: number
  part_index: number
  part_type: string
  chunk_index: number
  chunk_count: number
  /** UTF-16 offset in the source message's content. */
  start: number
  /** UTF-16 length of the source chunk. */
  length: number
  /** translated, kept, failed or skipped. */
  status: string
  /** Why failed or skipped, snake_case. */
  reason: null | string
  /** Only when translated. */
  target_text: null | string
  /** Kind of translator; pseudo marks text that is no translation. */
  backend: string
  attempts: Attempt[]
  /** What speaks against an accepted answer, snake_case. */
  flags: string[]
}

/** Every record type by its Avro name. */
export interface Records {
  Chunk: Chunk
  Control: Control
  DeadLetter: DeadLetter
  Message: Message
  Ranked: Ranked
  Scored: Scored
  SourceCheckpoint: SourceCheckpoint
  Translation: Translation
}

/** A record's Avro name. */
export type RecordName = keyof Records

/** The Avro schema of every record, as JSON text. */
export const schemaTexts: Record<RecordName, string> = {
  Chunk: '{"type":"record","name":"Chunk","namespace":"kalam","doc":"One piece of one part of a message. The texts of a message\'s chunks, joined, are its content byte for byte.","fields":[{"name":"role","type":"string","default":""},{"name":"message_index","type":"int","default":0},{"name":"message_count","type":"int","default":0},{"name":"part_index","type":"int","default":0,"doc":"Position of the part in its message"},{"name":"part_type","type":"string","default":"text","doc":"text, think, code, math, tool_call, tool_response, tools or system"},{"name":"chunk_index","type":"int","default":0,"doc":"Position in the message"},{"name":"chunk_count","type":"int","default":0,"doc":"Chunks of the message"},{"name":"kind","type":"string","default":"translate","doc":"translate, keep, or filtered: stands for a conversation that this generation leaves out"},{"name":"start","type":"int","default":0,"doc":"UTF-16 offset in the message\'s content"},{"name":"text","type":"string","default":""}]}',
  Control: '{"type":"record","name":"Control","namespace":"kalam","doc":"The only mutable state of a pipeline; compacted by key.","fields":[{"name":"kind","type":"string","default":"","doc":"pipeline, generation or pause"},{"name":"uuid","type":"string","default":"","doc":"pipeline: its identity"},{"name":"partitions","type":"int","default":0},{"name":"stage","type":"string","default":"","doc":"generation: chunk, translate, score or rank"},{"name":"line","type":"string","default":""},{"name":"generation","type":"int","default":1},{"name":"state","type":"string","default":"live","doc":"generation: building, live, stopped or dropped; pause: waiting, skipping or resumed"},{"name":"settings_hash","type":"string","default":""},{"name":"settings","type":"string","default":"","doc":"The resolved settings as canonical JSON"},{"name":"inputs","type":{"type":"map","values":"int"},"default":{},"doc":"Generation of each line it reads, by <stage>/<line>; 1 where none is given"},{"name":"recipe","type":"string","default":"","doc":"generation: what else its work takes and the hash does not cover, as canonical JSON"},{"name":"purpose","type":"string","default":"","doc":"generation: replay, retry or ablation; empty = the line\'s first one"},{"name":"only_splits","type":{"type":"array","items":"string"},"default":[],"doc":"Row filter: only these splits; empty = all"},{"name":"row_limit","type":"long","default":0,"doc":"Row filter: so many conversations were asked for; 0 = all"},{"name":"ordinals_below","type":{"type":"array","items":"long"},"default":[],"doc":"Row filter: by partition, the ordinal that the first conversation left out has"},{"name":"held","type":"boolean","default":false,"doc":"A live generation that stands still while its successor passes it"},{"name":"kept","type":"boolean","default":false,"doc":"Not to be deleted once it is superseded"},{"name":"created_at","type":"long","default":0,"doc":"Milliseconds since 1970"},{"name":"promoted_at","type":"long","default":0,"doc":"Milliseconds since 1970; 0 = never"},{"name":"stopped_at","type":"long","default":0,"doc":"Milliseconds since 1970; 0 = never"}]}',
  DeadLetter: '{"type":"record","name":"DeadLetter","namespace":"kalam","doc":"Something that could not come in or on: a bad source row or an undecodable record.","fields":[{"name":"stage","type":"string","default":""},{"name":"source","type":"string","default":""},{"name":"split","type":"string","default":""},{"name":"row","type":"string","default":""},{"name":"file","type":"string","default":"","doc":"File, or topic and partition"},{"name":"line","type":"long","default":0,"doc":"One-based line, or offset"},{"name":"byte_start","type":"long","default":0},{"name":"byte_end","type":"long","default":0},{"name":"reason","type":"string","default":""},{"name":"detail","type":"string","default":"","doc":"One sentence for a person"},{"name":"verdict","type":"string","default":"bad","doc":"bad or dropped"},{"name":"body","type":"bytes","default":"","doc":"First 64 KiB"}]}',
  Message: '{"type":"record","name":"Message","namespace":"kalam","doc":"One message of an ingested conversation. Its place stands outside the body: key = conversation id, headers index and count.","fields":[{"name":"role","type":"string","default":"","doc":"system, user, assistant or tool"},{"name":"content","type":"string","default":"","doc":"Well-formed text, exactly as in the source"},{"name":"source","type":"string","default":"","doc":"Name of the source in pipeline.yaml"},{"name":"split","type":"string","default":""},{"name":"row","type":"string","default":"","doc":"Zero-based position in the split, or the row\'s own id"},{"name":"file","type":"string","default":"","doc":"Index 0 only: where the row was read, relative to the source"},{"name":"line","type":"long","default":0,"doc":"Index 0 only: one-based line or row in that file"},{"name":"chat_template_kwargs","type":["null","string"],"default":null,"doc":"Index 0 only: JSON"},{"name":"columns","type":{"type":"map","values":"string"},"default":{},"doc":"Index 0 only: the row\'s other columns, each as JSON"}]}',
  Ranked: '{"type":"record","name":"Ranked","namespace":"kalam","doc":"The verdict of one ranking on one conversation.","fields":[{"name":"winner","type":["null","string"],"default":null,"doc":"Translator line; null = no candidate"},{"name":"why","type":"string","default":"","doc":"One sentence"},{"name":"margin","type":["null","double"],"default":null,"doc":"Score of the winner minus the next one\'s"},{"name":"keep","type":"boolean","default":false},{"name":"pseudo","type":"boolean","default":false,"doc":"true = any text of the winner is no translation"},{"name":"reasons","type":{"type":"array","items":"string"},"default":[],"doc":"Why dropped, first one first"},{"name":"candidates","type":{"type":"array","items":{"type":"record","name":"Candidate","fields":[{"name":"line","type":"string","default":""},{"name":"place","type":["null","int"],"default":null,"doc":"1 = best; null = not in line"},{"name":"score","type":["null","double"],"default":null},{"name":"complete","type":"boolean","default":false},{"name":"in_line","type":"boolean","default":true},{"name":"pseudo","type":"boolean","default":false},{"name":"flags","type":{"type":"map","values":"int"},"default":{}},{"name":"metrics","type":{"type":"map","values":["null","double"]},"default":{}},{"name":"reasons","type":{"type":"array","items":"string"},"default":[],"doc":"Gates it does not pass"}]}},"default":[]}]}',
  Scored: '{"type":"record","name":"Scored","namespace":"kalam","doc":"One message of one candidate: rebuilt target, metrics and flags. The last message also carries the conversation\'s own.","fields":[{"name":"message_index","type":"int","default":0},{"name":"role","type":"string","default":""},{"name":"target","type":"string","default":"","doc":"Rebuilt text; a failed chunk shows its source text and is flagged"},{"name":"pseudo","type":"boolean","default":false,"doc":"true = any text of it is no translation"},{"name":"metrics","type":{"type":"map","values":["null","double"]},"default":{},"doc":"lr, scr, lr_all, scr_all, tokens_source, tokens_target; null = not applicable"},{"name":"parts","type":{"type":"array","items":{"type":"record","name":"PartScore","fields":[{"name":"part_type","type":"string","default":"text"},{"name":"metrics","type":{"type":"map","values":["null","double"]},"default":{}}]}},"default":[],"doc":"Per part type of this message, translated parts only"},{"name":"flags","type":{"type":"array","items":{"type":"record","name":"Flag","fields":[{"name":"code","type":"string","default":""},{"name":"start","type":"int","default":0,"doc":"UTF-16 offset in target"},{"name":"length","type":"int","default":0},{"name":"detail","type":"string","default":""}]}},"default":[]},{"name":"conversation","type":["null",{"type":"record","name":"ConversationScore","fields":[{"name":"metrics","type":{"type":"map","values":["null","double"]},"default":{},"doc":"As above over the conversation, and tokens_content, tokens_rendered, turns"},{"name":"parts","type":{"type":"array","items":"PartScore"},"default":[]},{"name":"in_line","type":"boolean","default":true,"doc":"false = the translator\'s splits leave this conversation out"},{"name":"complete","type":"boolean","default":false,"doc":"Every chunk translated or kept"},{"name":"translated","type":"int","default":0,"doc":"Chunks by terminal status"},{"name":"kept","type":"int","default":0},{"name":"failed","type":"int","default":0},{"name":"skipped","type":"int","default":0},{"name":"reasons","type":{"type":"map","values":"int"},"default":{},"doc":"Chunks failed or skipped by reason"},{"name":"pseudo","type":"boolean","default":false,"doc":"true = any text of it is no translation"}]}],"default":null}]}',
  SourceCheckpoint: '{"type":"record","name":"SourceCheckpoint","namespace":"kalam","doc":"How far one file of a source has been read; written in the transaction of the messages before it.","fields":[{"name":"source","type":"string","default":""},{"name":"split","type":"string","default":""},{"name":"file","type":"string","default":""},{"name":"file_rows","type":"long","default":0,"doc":"Rows of this file behind this checkpoint"},{"name":"byte","type":"long","default":0,"doc":"Byte (JSONL) or row (Parquet) to go on at"},{"name":"line","type":"long","default":1,"doc":"One-based line (JSONL) or row (Parquet) to go on at"},{"name":"split_rows","type":{"type":"map","values":"long"},"default":{},"doc":"Rows of this file behind this checkpoint, by split"},{"name":"selected","type":"long","default":0,"doc":"Of this file"},{"name":"dropped","type":"long","default":0},{"name":"bad","type":"long","default":0},{"name":"done","type":"boolean","default":false,"doc":"End of file reached"},{"name":"mark","type":"string","default":"","doc":"SHA-256 of the last bytes before byte, up to 4,096, of a file of lines; empty = not known"}]}',
  Translation: '{"type":"record","name":"Translation","namespace":"kalam","doc":"The terminal record of one chunk in one translator line. It carries no source text: start and length point into the message.","fields":[{"name":"message_index","type":"int","default":0},{"name":"message_count","type":"int","default":0},{"name":"part_index","type":"int","default":0},{"name":"part_type","type":"string","default":"text"},{"name":"chunk_index","type":"int","default":0},{"name":"chunk_count","type":"int","default":0},{"name":"start","type":"int","default":0,"doc":"UTF-16 offset in the source message\'s content"},{"name":"length","type":"int","default":0,"doc":"UTF-16 length of the source chunk"},{"name":"status","type":"string","default":"failed","doc":"translated, kept, failed or skipped"},{"name":"reason","type":["null","string"],"default":null,"doc":"Why failed or skipped, snake_case"},{"name":"target_text","type":["null","string"],"default":null,"doc":"Only when translated"},{"name":"backend","type":"string","default":"","doc":"Kind of translator; pseudo marks text that is no translation"},{"name":"attempts","type":{"type":"array","items":{"type":"record","name":"Attempt","fields":[{"name":"outcome","type":"string","default":"","doc":"ok, or the reason of refusal in snake_case"},{"name":"model","type":"string","default":""},{"name":"provider","type":"string","default":""},{"name":"prompt_tokens","type":"int","default":0},{"name":"completion_tokens","type":"int","default":0},{"name":"cost_usd","type":["null","double"],"default":null,"doc":"null = not known"},{"name":"latency_ms","type":"double","default":0},{"name":"finish_reason","type":"string","default":""},{"name":"from_memory","type":"boolean","default":false},{"name":"at_ms","type":"double","default":0,"doc":"When the answer came, milliseconds since 1970"},{"name":"step","type":"string","default":"","doc":"How it was asked: \'\' = the whole text, form_1 = with other sentinels, split = a part of it, pieces = between protected spans"}]}},"default":[]},{"name":"flags","type":{"type":"array","items":"string"},"default":[],"doc":"What speaks against an accepted answer, snake_case"}]}',
}
