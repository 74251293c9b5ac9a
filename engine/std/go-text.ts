/**
 * Values as Go prints them: `%q` and encoding/json. They differ from JavaScript's own in a few letters, which show
 * in refusals that quote what the user wrote.
 */
const QUOTED: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

/** What Go's `%q` does not print as it is: quotes, control letters, separators and other invisible letters. */
const TO_QUOTE = /["\\]|[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu

function escaped(letter: string): string {
  const code = letter.codePointAt(0)!
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}

const PLAIN = /^[ !#-[\]-~]*$/

export const goQuote = (text: string): string =>
  PLAIN.test(text) ? `"${text}"` : `"${text.replace(TO_QUOTE, (letter) => QUOTED[letter] ?? escaped(letter))}"`

const HTML = /[<>&\u2028\u2029]/g

/** encoding/json: like JSON.stringify, but with `<`, `>` and `&` escaped. */
export const goJson = (value: unknown, indent = ''): string =>
  JSON.stringify(value, undefined, indent).replace(
    HTML,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
