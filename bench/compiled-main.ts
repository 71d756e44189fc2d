import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { besideMain, compileOptions } from '../bin/compiled.js'

const benches = fileURLToPath(new URL('./', import.meta.url))
const outdir = fileURLToPath(new URL('../dist/bench', import.meta.url))

/** Compiles a program of the benches, `<folder>/<name>.ts`, as `kalam` itself is, with what it may start; its path. */
export const compiledMain = async (folder: string, name: string): Promise<string> => {
  const entryPoints = [`${benches}${folder}/${name}.ts`, ...besideMain]
  await build({ ...compileOptions, entryPoints, outdir: `${outdir}/${name}` })
  return `${outdir}/${name}/${name}.js`
}
