import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { compileOptions } from '../bin/compiled.js'

const benches = fileURLToPath(new URL('./', import.meta.url))
const outdir = fileURLToPath(new URL('../dist/bench', import.meta.url))

/** Compiles a program of the benches, `<folder>/<name>.ts`, as `kalam` itself is; its path. */
export const compiledMain = async (folder: string, name: string): Promise<string> => {
  await build({ ...compileOptions, entryPoints: [`${benches}${folder}/${name}.ts`], outdir: `${outdir}/${name}` })
  return `${outdir}/${name}/${name}.js`
}
