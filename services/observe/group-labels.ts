/** What metrics and log lines call a group. */
export interface GroupLabels {
  stage: string
  line: string
  generation: string
}

/**
 * The labels in a group's name (`<pipeline>.<stage>.<line>.g<generation>`) or a writer's (`<pipeline>.ingest.<source>`).
 * A landing group's name ends in the warehouse's id, which is left out; names of another form are lines as they are.
 */
export const groupLabels = (group: string): GroupLabels => {
  const [, stage = '', name = group, generation = ''] = /^[^.]+\.([^.]+)\.(.+?)(?:\.g(\d+))?$/.exec(group) ?? []
  const line = stage === 'land' ? name.replace(/\.[^.]+$/, '') : name
  return { stage, line, generation }
}
