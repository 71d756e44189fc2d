/** Topic names of a pipeline; a generation above 1 is appended as `.g2`. */
export const topicNames = (pipeline: string) => {
  const of = (kind: string, line: string, generation: number) =>
    `${pipeline}.${kind}.${line}${generation > 1 ? `.g${generation}` : ''}`
  return {
    messages: `${pipeline}.messages`,
    sources: `${pipeline}.sources`,
    deadLetters: `${pipeline}.dead_letters`,
    control: `${pipeline}.control`,
    chunks: (chunking: string, generation = 1) => of('chunks', chunking, generation),
    translations: (line: string, generation = 1) => of('translations', line, generation),
    scored: (line: string, generation = 1) => of('scored', line, generation),
    ranked: (ranking: string, generation = 1) => of('ranked', ranking, generation),
  }
}

/** What topicNames gives. */
export type TopicNames = ReturnType<typeof topicNames>

/** Group and transactional id of a line: `<pipeline>.<stage>.<line>.g<generation>`. */
export const groupName = (pipeline: string, stage: string, line: string, generation: number): string =>
  `${pipeline}.${stage}.${line}.g${generation}`
