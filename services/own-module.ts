/** Where `backend` names a module itself. */
export const modulePath = /^(\.{0,2}\/).*\.(mjs|cjs|js|mts|ts)$/

/** The value of a pipeline.yaml in which `backend: ./mine.mjs` stands as `{ backend: module, module: ./mine.mjs }`. */
export const withOwnModules = (value: unknown): unknown => {
  if (!isRecord(value) || !isRecord(value.translators)) return value
  const translators = Object.entries(value.translators).map(([name, settings]) => [name, withModule(settings)])
  return { ...value, translators: Object.fromEntries(translators) }
}

const withModule = (settings: unknown): unknown =>
  isRecord(settings) && typeof settings.backend === 'string' && modulePath.test(settings.backend)
    ? { module: settings.backend, ...settings, backend: 'module' }
    : settings

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
