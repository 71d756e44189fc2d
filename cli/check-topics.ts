import { KalamError } from '../dataflow/error.ts'
import { firstGenerations, generationTopics, sourceTopics } from '../services/plan-generations.ts'
import { topicNames } from '../services/topics.ts'
import { topicsMissing } from './open-control.ts'
import { clusterOf } from './open-log.ts'
import type { OpenedPipeline } from './workspace.ts'

/**
 * Looks at the topics of an opened pipeline; returns what is odd about them and does no harm. KalamError topics_missing where a line
 * of pipeline.yaml was never made, log_broken where topics lose or refuse records, or lack partitions.
 */
export const checkTopics = async (
  pipeline: Pick<OpenedPipeline, 'config' | 'control' | 'makeLines'>,
  env: NodeJS.ProcessEnv,
): Promise<string[]> => {
  const { config, control, makeLines } = pipeline
  const { pipeline: name, partitions, log } = config
  const fresh = firstGenerations({ control, make: makeLines, now: Date.now() }).map(({ body }) => body)
  if (fresh.length > 0)
    throw topicsMissing(`there is nothing yet of ${fresh.map(({ stage, line }) => `${stage} ${line}`).join(', ')}`)
  if (log === 'embedded') return []
  const { compareTopics } = await import('../dataflow/kafka/compare-topics.ts')
  const { differences, isBlind } = await compareTopics(clusterOf(config, log.kafka, env), [
    { topic: topicNames(name).control, partitions: 1, compacted: true },
    ...sourceTopics(name, partitions),
    ...generationTopics(name, partitions, control.generations.values()),
  ])
  const lines = (harmful: boolean) =>
    differences.filter(({ isHarmful }) => isHarmful === harmful).map(({ topic, text }) => `${topic}: ${text}`)
  const [harmful = '', ...more] = lines(true)
  if (harmful !== '') {
    throw new KalamError('log_broken', `checking topics: ${[harmful, ...more].join('\n')}`, {
      hint: 'Set them right: kafka-configs.sh --alter --entity-type topics --entity-name <topic> --add-config <name>=<value>;\nfor partitions, while nobody works: kafka-topics.sh --alter --topic <topic> --partitions <count>.',
      details: { differences },
    })
  }
  const blind = "the topics' settings were not looked at: this user lacks the right DescribeConfigs (docs/deploy.md)"
  return [...lines(false), ...(isBlind ? [blind] : [])]
}
