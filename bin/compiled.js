import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const folders = ['cli', 'core', 'dataflow', 'schemas', 'services']
/** What else a program of these sources starts: a thread and a process. */
export const besideMain = ['cli/calls-thread.ts', 'services/land/chdb-server.ts']
const keptBuilds = 8

/** Packages that are more than JavaScript that can be read at once: native code, workers, large files, or rarely needed. */
const besides = ['lmdb', 'chdb', 'snappy', 'pino', '@lenml/*', 'kafkajs', '@kafkajs/*', 'onnxruntime-node', 'esbuild']

/**
 * How sources become JavaScript: one file an entry with all it needs, packages too, and shared pieces beside it. Looking for the
 * thousand files of packages at each start takes as long as everything else together.
 *
 * @type {import('esbuild').BuildOptions}
 */
export const compileOptions = {
  absWorkingDir: root,
  entryNames: '[name]',
  bundle: true,
  splitting: true,
  external: besides,
  // Packages of the older form ask for what comes with Node in this way.
  banner: {
    js: "import { createRequire as requireAt } from 'node:module'; const require = requireAt(import.meta.url);",
  },
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'error',
}

/**
 * The folder under `dist/` with what the TypeScript says now, as JavaScript: compiled when it is not there yet, which takes a
 * fraction of a second. Starting from it takes a third of the time that compiling file by file at each start takes.
 *
 * @returns {Promise<string>}
 */
export const compiled = async () => {
  const dist = join(root, 'dist')
  const folder = join(dist, sourceHash())
  if (existsSync(folder)) return folder
  const { build } = await import('esbuild')
  const partial = `${folder}.${process.pid}`
  try {
    mkdirSync(partial, { recursive: true })
  } catch (error) {
    process.stderr.write(
      `error cannot_compile: ${dist} cannot be written: ${error.message}\n\n  Whoever owns that folder runs kalam --help there once: then everybody can start it.\n`,
    )
    process.exit(1)
  }
  try {
    await build({ ...compileOptions, entryPoints: ['cli/main.ts', ...besideMain], outdir: partial })
  } catch {
    // esbuild has said what is wrong.
    rmSync(partial, { recursive: true, force: true })
    process.stderr.write(
      'error cannot_compile: kalam compiles itself into dist/ when its sources are new, and could not\n\n  Mend what stands above (a full disk?) and run the command again.\n',
    )
    process.exit(1)
  }
  try {
    renameSync(partial, folder)
  } catch (error) {
    rmSync(partial, { recursive: true, force: true })
    // Another process was faster.
    if (!existsSync(folder)) throw error
  }
  removeOld(dist)
  return folder
}

/** Of the contents of all sources, and of what compiles them, so that neither times nor places of files matter. */
const sourceHash = () => {
  const hash = createHash('sha256')
  for (const name of ['package-lock.json', 'package.json', 'bin/compiled.js'])
    hash.update(readFileSync(join(root, name)))
  for (const folder of folders) {
    const names = readdirSync(join(root, folder), { recursive: true }).filter((name) => name.endsWith('.ts'))
    for (const name of names.sort()) hash.update(`\0${folder}/${name}\0`).update(readFileSync(join(root, folder, name)))
  }
  return hash.digest('hex').slice(0, 16)
}

/** Removes all but the newest builds, and what a compiler left that was killed an hour ago or earlier. */
const removeOld = (dist) => {
  const found = readdirSync(dist).map((name) => ({
    name,
    madeMs: statSync(join(dist, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  }))
  const builds = found.filter(({ name }) => /^[0-9a-f]{16}$/.test(name)).sort((a, b) => b.madeMs - a.madeMs)
  const left = found.filter(({ name, madeMs }) => /^[0-9a-f]{16}\.\d+$/.test(name) && madeMs < Date.now() - 3_600_000)
  for (const { name } of [...builds.slice(keptBuilds), ...left])
    rmSync(join(dist, name), { recursive: true, force: true })
}
