/** What a masked span is; settings of a translator name these. */
export type MaskKind =
  | 'fence'
  | 'inline_code'
  | 'display_math'
  | 'inline_math'
  | 'boxed'
  | 'latex_command'
  | 'calc_mark'
  | 'tag'
  | 'comment'
  | 'json'
  | 'placeholder'
  | 'url'
  | 'email'
  | 'file_path'
  | 'entity'
  | 'term'

/** Every kind, which is what is masked where the settings name none; `term` masks nothing without a list of terms. */
export const defaultMaskKinds: readonly MaskKind[] = [
  ...(['fence', 'inline_code', 'display_math', 'inline_math', 'boxed', 'latex_command', 'calc_mark', 'tag'] as const),
  ...(['comment', 'json', 'placeholder', 'url', 'email', 'file_path', 'entity', 'term'] as const),
]
