/** The base URLs that a setting stands for, with variables filled in: one, or several by comma. */
export const baseUrls = (setting: string, env: Record<string, string | undefined>): string[] =>
  setting
    .replace(/\$(\w+)/g, (_, name: string) => env[name] ?? '')
    .split(',')
    .map((url) => url.trim())

/** Whether calls can be made to a URL. */
export const isBaseUrl = (url: string): boolean => /^https?:\/\//.test(url) && URL.canParse(url)

/** The variables that a setting names, without their $. */
export const variablesIn = (setting: string): string[] =>
  [...setting.matchAll(/\$(\w+)/g)].map(([, variable]) => variable!)

/** What is wrong with a setting that holds no base URLs, without the values of variables, which may be secrets; undefined when it does. */
export const urlProblem = (setting: string, env: Record<string, string | undefined>): string | undefined => {
  const wrong = baseUrls(setting, env).find((url) => !isBaseUrl(url))
  if (wrong === undefined) return undefined
  const variables = variablesIn(setting)
  const what = variables.length === 0 ? JSON.stringify(wrong) : `what the variable ${variables.join(', ')} holds`
  return `${what} is no URL; write one as http://gpu-1:8000/v1, several by comma`
}

/** Why a key cannot be one, without showing it; undefined when it can. */
export const keyProblem = (variable: string, value: string): string | undefined => {
  const at = [...value].findIndex((char) => char < '!' || char > '~')
  if (at === -1) return undefined
  const found = /[\r\n]/.test(value) ? 'a line break' : 'white space or another character that is not printable ASCII'
  return `the variable ${variable} has ${found} at character ${at + 1}, which no key has`
}
