import { KalamError } from '../../dataflow/error.ts'
import type { TranslatorConfig } from '../config.ts'
import { openai } from './backends/openai.ts'
import { baseUrls, keyProblem, urlProblem, variablesIn } from './base-urls.ts'
import type { TranslatorEnvironment } from './open-translator.ts'
import { promptOf } from './prompts/index.ts'
import type { Translator } from './translator.ts'

type OpenaiConfig = Extract<TranslatorConfig, { backend: 'openai' }>

/** The openai backend of a translator, with its URLs and key from the environment; KalamError config_invalid where they are none. */
export const openOpenai = (
  name: string,
  settings: OpenaiConfig,
  { env, now }: Pick<TranslatorEnvironment, 'env' | 'now'>,
): Translator => {
  const { api } = promptOf(settings.prompt)
  if (api !== settings.api) {
    throw new KalamError(
      'config_invalid',
      `opening translators.${name}: the prompt ${typeof settings.prompt === 'string' ? settings.prompt : 'of its own'} needs api: ${api}`,
    )
  }
  const urls = urlsOf(name, settings.url, env)
  return openai({
    name,
    urls,
    urlVariables: variablesIn(settings.url),
    key: keyOf(name, settings.key, env),
    api: settings.api,
    model: settings.model,
    prompt: settings.prompt,
    sampling: settings.sampling,
    extra: extraOf(urls, settings.extra),
    timeoutMs: settings.timeout_s * 1000,
    slots: settings.slots,
    now,
  })
}

/** The base URLs that a setting stands for, with variables filled in; KalamError config_invalid. */
export const urlsOf = (name: string, setting: string, env: TranslatorEnvironment['env']): string[] => {
  const problem = urlProblem(setting, env)
  if (problem === undefined) return baseUrls(setting, env)
  throw new KalamError('config_invalid', `opening translators.${name}.url: ${problem}`, {
    hint: `It says ${setting} in pipeline.yaml.`,
  })
}

/** OpenRouter hands texts to providers that keep them, unless it is told not to. */
const extraOf = (urls: string[], extra: OpenaiConfig['extra']): Record<string, unknown> => {
  const isOpenRouter = urls.some((url) => /(^|\.)openrouter\.ai$/.test(new URL(url).hostname))
  if (!isOpenRouter) return extra
  return { ...extra, provider: { data_collection: 'deny', ...(extra.provider as object | undefined) } }
}

/** The schema has made sure that the setting is `$VARIABLE`. */
const keyOf = (name: string, setting: string | undefined, env: TranslatorEnvironment['env']) => {
  const variable = setting?.slice(1)
  const value = variable === undefined ? undefined : env[variable]
  if (!variable || !value) return undefined
  const problem = keyProblem(variable, value)
  if (problem === undefined) return { value, variable }
  throw new KalamError('config_invalid', `opening translators.${name}.key: ${problem}`)
}
