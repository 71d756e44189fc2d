import type { TranslatorConfig } from '../config.ts'

/** What a line's answers depend on, by the names of pipeline.yaml. */
export const recipeOf = (name: string, settings: TranslatorConfig): Record<string, unknown> => {
  const { backend, chunking } = settings
  const own = { translator: name, backend, chunking }
  switch (settings.backend) {
    case 'recorded':
      return { ...own, file: settings.file, system: settings.system }
    case 'pseudo':
      return own
    case 'exec': {
      const { command, version, masking, checks } = settings
      return { ...own, command, version, masking, checks }
    }
    case 'module': {
      const { module, options, masking, checks } = settings
      return { ...own, module, options, masking, checks }
    }
    case 'openai': {
      const { api, model, prompt, sampling, extra, masking, checks } = settings
      const judged = { masking, checks }
      return { ...own, api, model, prompt, sampling, ...judged, ...(Object.keys(extra).length > 0 && { extra }) }
    }
  }
}

/**
 * The settings with what a recipe says in their place; none when it is of another backend. A recording, program or module may have been
 * moved, so the present file comes first, and the one it was built with second where that is still there.
 */
export const withRecipe = (
  settings: TranslatorConfig,
  { translator, ...recipe }: Record<string, unknown>,
): TranslatorConfig[] => {
  if (recipe.backend === undefined) return [settings]
  if (recipe.backend !== settings.backend) return []
  const { file, command, module, ...rest } = recipe
  const asBuilt = { ...withoutUnnamed(settings, recipe), ...rest } as TranslatorConfig
  const place = Object.fromEntries(Object.entries({ file, command, module }).filter(([, value]) => value !== undefined))
  return settings.backend === 'openai' || settings.backend === 'pseudo'
    ? [asBuilt]
    : [asBuilt, { ...asBuilt, ...place } as TranslatorConfig]
}

/** What a recipe does not name was not there. */
const withoutUnnamed = (settings: TranslatorConfig, recipe: Record<string, unknown>): TranslatorConfig => {
  if (settings.backend === 'openai') return { ...settings, extra: {} }
  if (settings.backend !== 'recorded' || recipe.system !== undefined) return settings
  const { system, ...unnamed } = settings
  return unnamed
}
