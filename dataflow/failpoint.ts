/** Places where a process can be told to die, to show that nothing is lost there. */
export type Failpoint =
  | 'after_read'
  | 'before_call'
  | 'after_call'
  | 'before_send'
  | 'between_send_and_offsets'
  | 'before_end'
  | 'after_end'
  | 'during_rebalance'
  | 'during_fencing'

const [asked, times = '1'] = (process.env.KALAM_FAILPOINT ?? '').split('@')
let left = Number(times)

/**
 * Dies here without any farewell, as a machine does, if KALAM_FAILPOINT names this place: `before_end`, or `before_end@3`
 * for the third time that it is passed. Otherwise does nothing.
 */
export const failpoint = (place: Failpoint): void => {
  if (place === asked && --left === 0) process.kill(process.pid, 'SIGKILL')
}
