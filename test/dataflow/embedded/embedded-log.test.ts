import { join } from 'node:path'
import { embeddedLog } from '../../../dataflow/embedded/embedded-log.ts'
import { logContract } from '../../contract/log.ts'
import { workFolder } from '../work-folder.ts'

logContract('the embedded log', async () => {
  const folder = join(workFolder(), 'log')
  return { open: async () => embeddedLog({ folder }), remove: async () => undefined }
})
