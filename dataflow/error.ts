/** Every reason kalam stops or records; stable, because people search for them and scripts read them. */
export type ErrorCode =
  | 'config_invalid'
  | 'missing_setting'
  | 'missing_file'
  | 'settings_changed'
  | 'state_in_use'
  | 'state_of_other_pipeline'
  | 'state_of_other_version'
  | 'disk_full'
  | 'no_permission'
  | 'log_broken'
  | 'undecodable'
  | 'out_of_step'
  | 'backend_unreachable'
  | 'backend_refused'
  | 'rate_limited'
  | 'server_error'
  | 'timeout'
  | 'no_translation'
  | 'warehouse_unavailable'
  | 'query_failed'
  | 'not_found'
  | 'usage'
  | 'budget_used_up'
  | 'log_unavailable'
  | 'topics_missing'
  | 'stalled'
  | 'port_in_use'
  | 'run_ended'
  | 'internal'

/** The one error class: what was being done, colon, the fact with its value; `hint` says what to do about it. */
export class KalamError extends Error {
  override readonly name = 'KalamError'
  readonly code: ErrorCode
  /** Whether the same call may succeed later. */
  readonly retryable: boolean
  readonly hint: string | undefined
  readonly details: Record<string, unknown>

  constructor(
    code: ErrorCode,
    message: string,
    options: { retryable?: boolean; hint?: string; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retryable = options.retryable ?? false
    this.hint = options.hint
    this.details = options.details ?? {}
  }
}

/** The text of whatever was thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
