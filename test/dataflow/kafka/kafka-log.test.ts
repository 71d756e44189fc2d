import { logContract } from '../../contract/log.ts'
import { describeKafka } from '../../kafka/describe-kafka.ts'
import { testLog } from './test-log.ts'

describeKafka('Kafka', () => {
  logContract('the log on a cluster', async () => ({ open: () => testLog(), remove: async () => undefined }))
})
