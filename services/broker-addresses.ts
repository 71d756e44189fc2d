import { variablesIn } from './translate/base-urls.ts'

/** The addresses of brokers that a setting stands for, with variables filled in: one, or several by comma. */
export const brokerAddresses = (setting: string, env: Record<string, string | undefined>): string[] =>
  setting
    .replace(/\$(\w+)/g, (_, name: string) => env[name] ?? '')
    .split(',')
    .map((address) => address.trim())

/**
 * What is wrong with a setting that holds no addresses of brokers, without the values of variables; undefined when it does. An
 * address of IPv6 is refused too: kafkajs 2.2.4 takes all behind its first colon for the port.
 */
export const brokerProblem = (setting: string, env: Record<string, string | undefined>): string | undefined => {
  const wrong = brokerAddresses(setting, env).find((address) => !isAddress(address))
  if (wrong === undefined) return undefined
  const variables = variablesIn(setting)
  const what = variables.length === 0 ? JSON.stringify(wrong) : `what the variable ${variables.join(', ')} holds`
  if (/^\[|^[\da-f]*:[\da-f]*:/i.test(wrong))
    return `${what} is an address of IPv6; write host:port with a host name that stands for it`
  return `${what} is no host:port; write one as kafka-1:9092, several by comma`
}

const isAddress = (address: string): boolean => {
  const [, port] = /^[\w.-]+:(\d{1,5})$/.exec(address) ?? []
  return port !== undefined && Number(port) > 0 && Number(port) < 65_536
}
