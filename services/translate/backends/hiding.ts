/** Texts without a secret, as it is or as JSON and URLs write it; … stands in its place. */
export const hiding = (secret: string): ((text: string) => string) => {
  if (secret === '') return (text) => text
  const inJson = JSON.stringify(secret).slice(1, -1)
  const inUrl = encodeURIComponent(secret)
  const forms = [secret, inJson, inJson.replaceAll('/', '\\/'), inUrl, inUrl.replaceAll('%20', '+'), encodeURI(secret)]
  const unlike = [...new Set(forms)].sort((a, b) => b.length - a.length)
  return (text) => unlike.reduce((shown, form) => (shown.includes(form) ? shown.replaceAll(form, '…') : shown), text)
}
