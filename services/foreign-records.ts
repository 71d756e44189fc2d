import { KalamError } from '../dataflow/error.ts'
import type { LogRecord } from '../dataflow/log.ts'

/** Header of the first record of every `messages` partition: the pipeline's uuid. */
export const pipelineHeader = 'pipeline'

/** What operators do with a record without a place: the pipeline's own head is checked, others are skipped. */
export const foreignRecords =
  (uuid: string) =>
  async (topic: string, record: LogRecord): Promise<void> => {
    const owner = record.headers[pipelineHeader]
    if (owner === undefined || owner === uuid) return
    throw new KalamError(
      'state_of_other_pipeline',
      `reading ${topic}: it was written by pipeline ${owner}, not ${uuid}`,
      {
        hint: 'The topic was made anew or belongs to another pipeline. Lines built on it start under a new name.',
      },
    )
  }
