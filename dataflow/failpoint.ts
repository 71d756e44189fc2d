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

let asked = ''
let left = 0

/** Names the place to die at: `before_end`, or `before_end@3` for the third time that it is passed; '' for none. */
export const armFailpoint = (text: string): void => {
  const [place = '', times = '1'] = text.split('@')
  asked = place
  left = Number(times)
}

/** Dies here without any farewell, as a machine does, if this is the place that armFailpoint named. */
export const failpoint = (place: Failpoint): void => {
  if (place === asked && --left === 0) process.kill(process.pid, 'SIGKILL')
}
