import type { TranslatorConfig } from '../config.ts'

/** Who gets to read the texts. */
export interface Receiver {
  name: string
  /** Whether they stay on this machine. */
  isLocal: boolean
}

/** Who receives the texts of a translator: the hosts of its servers, or nobody. */
export const receiversOf = (settings: TranslatorConfig, urls: readonly string[]): Receiver[] => {
  if (settings.backend !== 'openai') return [{ name: settings.backend, isLocal: true }]
  const hosts = new Set(urls.map((url) => new URL(url).host))
  return [...hosts].map((name) => ({ name, isLocal: isLoopback(new URL(`http://${name}`).hostname) }))
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || host === '0.0.0.0' || /^127\./.test(host)
