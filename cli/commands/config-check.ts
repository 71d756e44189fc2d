import { stringify } from 'yaml'
import { loadPipeline } from '../../services/load-config.ts'
import type { Io } from '../io.ts'

/** `kalam config check`: prints the pipeline with all defaults, or every problem at once. */
export const configCheck = async (file: string, io: Io): Promise<number> => {
  const { config } = await loadPipeline(file, io.env)
  io.out(stringify(config, { lineWidth: 120 }))
  io.err(`${file} is sound\n`)
  return 0
}
