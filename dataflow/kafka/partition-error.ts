import { KalamError } from '../error.ts'

const offsetOutOfRange = 1
const unknownTopic = 3
const notAuthorized = 29

/** What a broker's error for one partition of a fetch means: by its number in the protocol; undefined is no answer. */
export const partitionError = (
  asked: { topic: string; partition: number; from: number },
  code: number | undefined,
): KalamError => {
  const doing = `reading ${asked.topic}, partition ${asked.partition}, from offset ${asked.from}`
  if (code === offsetOutOfRange) {
    return new KalamError('log_broken', `${doing}: the topic does not have this offset`, {
      hint: 'Its records were deleted, or the topic was made anew: check retention. kalam verify shows what is there.',
    })
  }
  if (code === notAuthorized) {
    return new KalamError('no_permission', `${doing}: the brokers refuse it`, {
      hint: 'Give this user the right to read the topic; docs/deploy.md lists the rights.',
    })
  }
  // The leader moved or is starting; or the topic was deleted, which looking it up again will show.
  const details = { unknownTopic: code === unknownTopic }
  return new KalamError('log_unavailable', `${doing}: the broker answers error ${code}`, { retryable: true, details })
}
