import { isatty } from 'node:tty'

/**
 * Calls `stop` when this process is told to stop: by Ctrl-C, by SIGTERM, or because its terminal has gone. One that has no terminal, since
 * nohup or a service started it, goes on when another's goes: Node undoes what nohup does about that signal. Gives what ends the listening.
 */
export const onStop = (stop: () => void): (() => void) => {
  const onHangUp = () => {
    if (hasTerminal) stop()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  process.on('SIGHUP', onHangUp)
  return () => {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
    process.off('SIGHUP', onHangUp)
  }
}

// At its start: a terminal that has gone is none any more.
const hasTerminal = [0, 1, 2].some((stream) => isatty(stream))
