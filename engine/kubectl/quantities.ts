/** Quantities as kubectl prints them: the canonical text of what was written. */
import { parseQuantity, quantityText } from '../std/quantity.ts'

export function canonicalQuantity(text: string): string {
  const quantity = parseQuantity(text)
  return quantity === undefined ? text : quantityText(quantity)
}
