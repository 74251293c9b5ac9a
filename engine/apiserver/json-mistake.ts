/** What is wrong with a text that should be JSON. */
export function jsonMistake(text: string): string | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch {
    return `invalid character '${text.charAt(0)}' looking for beginning of value`
  }
}
