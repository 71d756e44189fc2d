import { Option } from 'commander'
import { KalamError } from '../dataflow/error.ts'

/** The pipeline of commands that begin with its file: others name it by an option, and so may these. */
export const samePipelineOption = (): Option => new Option('-p, --pipeline <file>', 'the pipeline, as an option')

/** The file that is named, as an argument or an option; KalamError usage when both are and differ. */
export const pipelineFile = (argument: string | undefined, { pipeline }: { pipeline?: string }): string => {
  if (argument !== undefined && pipeline !== undefined && argument !== pipeline) {
    throw new KalamError('usage', `choosing the pipeline: both ${argument} and ${pipeline} are named`, {
      hint: 'Name one of them.',
    })
  }
  return argument ?? pipeline ?? 'pipeline.yaml'
}
