const letters = 'ابتثجحخدذرزسشصضطظعغفقكلمنه'

/** kalam calls this once with `options` of pipeline.yaml. Raise the fingerprint whenever answers change. */
export const translator = ({ mark = '' }) => ({
  fingerprint: 'letters-1',
  slots: 4,
  // `attempt` is above 0 when an answer was refused, `sample` when several are wanted. Errors with `retryable: true` are repeated.
  async translate({ text }, { signal }) {
    signal.throwIfAborted()
    const arabic = text.replace(/[a-z]/gi, (letter) => letters[letter.toLowerCase().charCodeAt(0) - 97])
    return { text: arabic + mark, usage: { model: 'letters' } }
  },
})
