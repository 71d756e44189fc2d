import { editorJsonSchema } from '../../services/config-shape.ts'
import type { Io } from '../io.ts'

/** `kalam config schema`: the JSON Schema of pipeline.yaml, for editors. */
export const configSchema = (io: Io): number => {
  io.out(`${JSON.stringify(editorJsonSchema(), null, 2)}\n`)
  return 0
}
