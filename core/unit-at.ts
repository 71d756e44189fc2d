/**
 * A text's UTF-16 unit at a place, NaN outside. Called as a method `charCodeAt` is looked up anew for every unit once a loop has seen
 * five kinds of V8's strings, which takes four times as long. For long texts `unitReader` is better still.
 */
export const unitAt = (text: string, at: number): number => String.prototype.charCodeAt.call(text, at)
